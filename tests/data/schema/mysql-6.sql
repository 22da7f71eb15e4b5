CREATE TABLE IF NOT EXISTS used_insight (
    invitation_id varchar(256) NOT NULL,
    id varchar(255) NOT NULL,
    version varchar(16) NOT NULL,
    last_accessed varchar(32) NOT NULL,
    last_modified varchar(32) NOT NULL,
    document longtext NOT NULL,
    digest varchar(40) NOT NULL DEFAULT '',
    PRIMARY KEY (invitation_id, id)
)
ENGINE = InnoDB
ROW_FORMAT = DYNAMIC
CHARACTER SET utf8mb4
COLLATE utf8mb4_nopad_bin
COMMENT = 'schema version 102';
