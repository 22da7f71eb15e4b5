/* SPDX-License-Identifier: Apache-2.0 */
/* The content of $metadata, for both representations. */
#include "csdl.h"

#include <string.h>

#define CAPABILITIES "Org.OData.Capabilities.V1"
#define CORE "Org.OData.Core.V1"
#define CAPABILITY(term) CAPABILITIES "." term
#define DESCRIPTION CORE ".Description"

#define END {IU_ANNOTATION_END, NULL, NULL, NULL}
#define YES(name) {IU_ANNOTATION_BOOLEAN, name, "true", NULL}
#define NO(name) {IU_ANNOTATION_BOOLEAN, name, "false", NULL}
#define NUMBER(name, text) {IU_ANNOTATION_INTEGER, name, text, NULL}
#define TEXT(name, text) {IU_ANNOTATION_STRING, name, text, NULL}
#define MEMBER(name, text) {IU_ANNOTATION_ENUM, name, text, NULL}
#define PATH(text) {IU_ANNOTATION_PROPERTY_PATH, NULL, text, NULL}
#define NAVIGATION(name, text) {IU_ANNOTATION_NAVIGATION_PATH, name, text, NULL}
#define COLLECTION(name, parts) {IU_ANNOTATION_COLLECTION, name, NULL, parts}
#define RECORD(name, parts) {IU_ANNOTATION_RECORD, name, NULL, parts}

const char *const iu_vocabularies[] = {CAPABILITIES, CORE, NULL};

/* --- used insights --- */

static const iu_annotation filter_functions[] = {
    TEXT(NULL, "contains"),  TEXT(NULL, "startswith"), TEXT(NULL, "endswith"),
    TEXT(NULL, "tolower"),   TEXT(NULL, "toupper"),    TEXT(NULL, "length"),
    TEXT(NULL, "concat"),    TEXT(NULL, "trim"),       TEXT(NULL, "indexof"),
    TEXT(NULL, "substring"), TEXT(NULL, "year"),       TEXT(NULL, "month"),
    TEXT(NULL, "day"),       TEXT(NULL, "hour"),       TEXT(NULL, "minute"),
    TEXT(NULL, "second"),    TEXT(NULL, "date"),       END};

/* resource is derived from resourceReference, which can be used instead. */
static const iu_annotation resource_properties[] = {
    PATH("resource/id"), PATH("resource/webUrl"), END};
static const iu_annotation resource_navigation[] = {
    NAVIGATION(NULL, "resource"), END};

static const iu_annotation filtering[] = {
    YES("Filterable"), NO("RequiresFilter"),
    COLLECTION("NonFilterableProperties", resource_properties), END};
static const iu_annotation sorting[] = {
    YES("Sortable"), COLLECTION("NonSortableProperties", resource_properties),
    END};
static const iu_annotation searching[] = {NO("Searchable"), END};
static const iu_annotation selecting[] = {YES("Supported"), END};
static const iu_annotation counting[] = {YES("Countable"), END};
static const iu_annotation expanding[] = {YES("Expandable"),
                                          NUMBER("MaxLevels", "1"), END};
static const iu_annotation tracking[] = {NO("Supported"), END};

static const iu_annotation reading_by_key[] = {YES("Readable"), END};
static const iu_annotation reading[] = {
    YES("Readable"), NO("TypecastSegmentSupported"),
    RECORD("ReadByKeyRestrictions", reading_by_key), END};
/* Only creates can be repeated: the term Org.OData.Repeatability.V1.Supported
 * would say that all requests can. */
static const iu_annotation request_id[] = {
    TEXT("Name", "Repeatability-Request-ID"),
    TEXT("Description",
         "With Repeatability-First-Sent: a repeat is done once."),
    NO("Required"), END};
static const iu_annotation first_sent[] = {
    TEXT("Name", "Repeatability-First-Sent"),
    TEXT("Description", "When the request was first sent, an HTTP date."),
    NO("Required"), END};
static const iu_annotation idempotency_key[] = {
    TEXT("Name", "Idempotency-Key"),
    TEXT("Description", "In place of the other two."), NO("Required"), END};
static const iu_annotation repeat_keys[] = {RECORD(NULL, request_id),
                                            RECORD(NULL, first_sent),
                                            RECORD(NULL, idempotency_key), END};

static const iu_annotation inserting[] = {
    YES("Insertable"), NO("TypecastSegmentSupported"),
    COLLECTION("NonInsertableNavigationProperties", resource_navigation),
    COLLECTION("CustomHeaders", repeat_keys), END};
static const iu_annotation deep_inserting[] = {NO("Supported"), END};
static const iu_annotation updating[] = {
    YES("Updatable"),
    YES("Upsertable"),
    NO("DeltaUpdateSupported"),
    MEMBER("UpdateMethod", CAPABILITY("HttpMethod/PATCH")),
    NO("FilterSegmentSupported"),
    NO("TypecastSegmentSupported"),
    COLLECTION("NonUpdatableNavigationProperties", resource_navigation),
    TEXT("Description",
         "Creates only with If-None-Match: * or Prefer: create-if-missing."),
    END};
static const iu_annotation deleting[] = {YES("Deletable"),
                                         NO("FilterSegmentSupported"),
                                         NO("TypecastSegmentSupported"), END};

static const iu_annotation used_annotations[] = {
    COLLECTION(CAPABILITY("FilterFunctions"), filter_functions),
    RECORD(CAPABILITY("FilterRestrictions"), filtering),
    RECORD(CAPABILITY("SortRestrictions"), sorting),
    RECORD(CAPABILITY("SearchRestrictions"), searching),
    RECORD(CAPABILITY("SelectSupport"), selecting),
    RECORD(CAPABILITY("CountRestrictions"), counting),
    RECORD(CAPABILITY("ExpandRestrictions"), expanding),
    RECORD(CAPABILITY("ChangeTracking"), tracking),
    YES(CAPABILITY("TopSupported")),
    YES(CAPABILITY("SkipSupported")),
    NO(CAPABILITY("ComputeSupported")),
    YES(CAPABILITY("IndexableByKey")),
    RECORD(CAPABILITY("ReadRestrictions"), reading),
    RECORD(CAPABILITY("InsertRestrictions"), inserting),
    RECORD(CAPABILITY("DeepInsertSupport"), deep_inserting),
    RECORD(CAPABILITY("UpdateRestrictions"), updating),
    RECORD(CAPABILITY("DeleteRestrictions"), deleting),
    END};

static const iu_annotation resource_annotations[] = {
    TEXT(DESCRIPTION,
         "What resourceReference names. @odata.type is the type "
         "that it gives, of Microsoft Graph's own metadata; id and "
         "webUrl are all that is known here."),
    END};

/* --- types --- */

static const iu_navigation invited_user = {"invitedUser", IU_NAMESPACE ".user",
                                           0, 1, NULL};
static const iu_navigation insights = {
    "insights", IU_NAMESPACE ".officeGraphInsights", 0, 1, NULL};
static const iu_navigation used = {"used", IU_ENTITY_TYPE, 1, 1,
                                   used_annotations};
static const iu_navigation resource = {"resource", IU_NAMESPACE ".entity", 0, 0,
                                       resource_annotations};

const iu_entity iu_entities[] = {
    {IU_NAMESPACE ".invitation", NULL, &invited_user},
    {IU_NAMESPACE ".user", NULL, &insights},
    {IU_NAMESPACE ".officeGraphInsights", NULL, &used},
    {IU_ENTITY_TYPE, NULL, &resource},
    {IU_NAMESPACE ".entity", "webUrl", NULL}};

const int iu_entity_count = sizeof(iu_entities) / sizeof(iu_entities[0]);

/* If a create may omit the key, the server generates it. */
static const iu_annotation required_key[] = {YES(CORE ".Immutable"), END};
static const iu_annotation optional_key[] = {
    YES(CORE ".Immutable"), YES(CORE ".ComputedDefaultValue"), END};

const iu_annotation *iu_key_annotations(unsigned required)
{
    return required & IU_MEMBER_ID ? required_key : optional_key;
}

/* --- container --- */

#define IEEE754_COMPATIBLE ";odata.streaming=true;IEEE754Compatible=true"

static const iu_annotation formats[] = {
    TEXT(NULL, "application/json;odata.metadata=minimal"),
    TEXT(NULL, "application/json;odata.metadata=none"),
    TEXT(NULL, "application/json;odata.metadata=full"),
    TEXT(NULL, "application/json;odata.metadata=minimal" IEEE754_COMPATIBLE),
    TEXT(NULL, "application/json;odata.metadata=none" IEEE754_COMPATIBLE),
    TEXT(NULL, "application/json;odata.metadata=full" IEEE754_COMPATIBLE),
    END};
static const iu_annotation metadata_formats[] = {
    TEXT(NULL, "application/xml"), TEXT(NULL, "application/json"), END};

const iu_annotation iu_container_annotations[] = {
    TEXT(CORE ".ODataVersions", "4.0"),
    MEMBER(CAPABILITY("ConformanceLevel"),
           CAPABILITY("ConformanceLevelType/Minimal")),
    COLLECTION(CAPABILITY("SupportedFormats"), formats),
    COLLECTION(CAPABILITY("SupportedMetadataFormats"), metadata_formats),
    YES(CAPABILITY("KeyAsSegmentSupported")),
    NO(CAPABILITY("AsynchronousRequestsSupported")),
    NO(CAPABILITY("CrossJoinSupported")),
    NO(CAPABILITY("QuerySegmentSupported")),
    NO(CAPABILITY("AnnotationValuesInQuerySupported")),
    END};

/* A batch goes on after an error, also without the preference. */
static const iu_annotation batch_formats[] = {TEXT(NULL, "application/json"),
                                              END};
static const iu_annotation batching[] = {
    YES("Supported"),
    YES("ContinueOnErrorSupported"),
    NO("ReferencesInRequestBodiesSupported"),
    NO("ReferencesAcrossChangeSetsSupported"),
    NO("EtagReferencesSupported"),
    NO("RequestDependencyConditionsSupported"),
    COLLECTION("SupportedFormats", batch_formats),
    END};
static const iu_annotation no_batch[] = {NO(CAPABILITY("BatchSupported")), END};
static const iu_annotation batch[] = {
    YES(CAPABILITY("BatchSupported")),
    RECORD(CAPABILITY("BatchSupport"), batching), END};

const iu_annotation *const iu_batch_annotations[] = {no_batch, batch};

/* Invitations, users and their insights are not stored: they are only path
 * segments that lead to used insights. */
static const iu_annotation not_readable[] = {NO("Readable"), END};
static const iu_annotation not_insertable[] = {NO("Insertable"), END};
static const iu_annotation not_updatable[] = {NO("Updatable"), END};
static const iu_annotation not_deletable[] = {NO("Deletable"), END};

#define SEGMENT(path)                                                          \
    {NAVIGATION("NavigationProperty", path),                                   \
     RECORD("ReadRestrictions", not_readable),                                 \
     RECORD("UpdateRestrictions", not_updatable), END}
#define NEEDS_IF_MATCH(path)                                                   \
    {NAVIGATION("NavigationProperty", path),                                   \
     YES("OptimisticConcurrencyControl"), END}

/* The paths from an invitation. */
static const iu_annotation invited_user_segment[] = SEGMENT("invitedUser");
static const iu_annotation invited_insights_segment[] =
    SEGMENT("invitedUser/insights");
static const iu_annotation invited_used_if_match[] =
    NEEDS_IF_MATCH("invitedUser/insights/used");
#define INVITATION_SEGMENTS                                                    \
    RECORD(NULL, invited_user_segment), RECORD(NULL, invited_insights_segment)
static const iu_annotation invitation_paths[] = {INVITATION_SEGMENTS, END};
static const iu_annotation invitation_paths_if_match[] = {
    INVITATION_SEGMENTS, RECORD(NULL, invited_used_if_match), END};

/* The paths from a user. */
static const iu_annotation insights_segment[] = SEGMENT("insights");
static const iu_annotation used_if_match[] = NEEDS_IF_MATCH("insights/used");
static const iu_annotation user_paths[] = {RECORD(NULL, insights_segment), END};
static const iu_annotation user_paths_if_match[] = {
    RECORD(NULL, insights_segment), RECORD(NULL, used_if_match), END};

#define NAVIGATING(paths) {COLLECTION("RestrictedProperties", paths), END}
static const iu_annotation from_invitation[] = NAVIGATING(invitation_paths);
static const iu_annotation from_invitation_if_match[] =
    NAVIGATING(invitation_paths_if_match);
static const iu_annotation from_user[] = NAVIGATING(user_paths);
static const iu_annotation from_user_if_match[] =
    NAVIGATING(user_paths_if_match);

#define SET_ANNOTATIONS(navigating)                                            \
    {RECORD(CAPABILITY("ReadRestrictions"), not_readable),                     \
     RECORD(CAPABILITY("InsertRestrictions"), not_insertable),                 \
     RECORD(CAPABILITY("UpdateRestrictions"), not_updatable),                  \
     RECORD(CAPABILITY("DeleteRestrictions"), not_deletable),                  \
     RECORD(CAPABILITY("NavigationRestrictions"), navigating),                 \
     END}
static const iu_annotation invitations[] = SET_ANNOTATIONS(from_invitation);
static const iu_annotation invitations_if_match[] =
    SET_ANNOTATIONS(from_invitation_if_match);
static const iu_annotation users[] = SET_ANNOTATIONS(from_user);
static const iu_annotation users_if_match[] =
    SET_ANNOTATIONS(from_user_if_match);

/* InsertRestrictions do not apply to a singleton. */
#define SINGLETON_ANNOTATIONS(navigating)                                      \
    {RECORD(CAPABILITY("ReadRestrictions"), not_readable),                     \
     RECORD(CAPABILITY("UpdateRestrictions"), not_updatable),                  \
     RECORD(CAPABILITY("DeleteRestrictions"), not_deletable),                  \
     RECORD(CAPABILITY("NavigationRestrictions"), navigating), END}
static const iu_annotation me[] = SINGLETON_ANNOTATIONS(from_user);
static const iu_annotation me_if_match[] =
    SINGLETON_ANNOTATIONS(from_user_if_match);

const iu_container_child iu_container_children[] = {
    {"invitations",
     IU_NAMESPACE ".invitation",
     0,
     {invitations, invitations_if_match}},
    {"users", IU_NAMESPACE ".user", 0, {users, users_if_match}},
    {"me", IU_NAMESPACE ".user", 1, {me, me_if_match}}};

const int iu_container_child_count =
    sizeof(iu_container_children) / sizeof(iu_container_children[0]);

const char *iu_unqualified_name(const char *name)
{
    return strrchr(name, '.') + 1;
}
