-- SPDX-License-Identifier: Apache-2.0
-- wrk script. BENCH_FORM says what it sends:
--
--   single   posts BENCH_BODY's text to many invitations
--   batch    posts it in batches of BENCH_BATCH, each to one invitation, whose
--            answers usually have BENCH_LENGTH bytes
--   blank    as batch, to the ceiling
--   array    posts arrays of BENCH_BATCH such texts, each to one invitation
--   read     gets BENCH_TARGET ("%d" in it: 0 to 99)
--
-- BENCH_TOKEN: the access token, if there is one. Prints one line that bench
-- reads.
local form = os.getenv("BENCH_FORM")
local batched = form == "batch" or form == "blank"
local creates = 1
if batched or form == "array" then
    creates = assert(tonumber(os.getenv("BENCH_BATCH")))
end
local length = tonumber(os.getenv("BENCH_LENGTH"))
local success = (form == "single" or form == "array") and 201 or 200
local token = os.getenv("BENCH_TOKEN")

local threads = {}
function setup(thread)
    thread:set("number", #threads)
    threads[#threads + 1] = thread
end

local function read_body()
    local file = assert(io.open(os.getenv("BENCH_BODY"), "rb"))
    local body = file:read("*a")
    file:close()
    return body
end

local function set_of(i)
    return string.format(
        "/invitations/i-%d-%06d/invitedUser/insights/used", number, i)
end

-- A batch for one invitation, as the arrays have it.
local function batch_of(body, i)
    local items = {}
    for id = 1, creates do
        items[id] = string.format('{"id":"%d","method":"POST","url":"%s",' ..
            '"headers":{"Content-Type":"application/json"},"body":%s}',
            id, set_of(i), body)
    end
    return '{"requests":[' .. table.concat(items, ",") .. "]}"
end

local requests, at, count = {}, 0, 4096

local function make_reads(headers)
    local target = os.getenv("BENCH_TARGET")
    count = 100
    for i = 0, count - 1 do
        requests[i] = wrk.format("GET", target:format(i), headers)
    end
end

local function make_creates(headers)
    local body = read_body()
    -- A large body is kept a few times only.
    if #body * creates > 65536 then
        count = 16
    elseif creates > 1 then
        count = math.floor(count / creates)
    end
    local path = "/beta/$batch"
    if form == "blank" then path = path .. "?length=" .. length end
    local array = "[" .. string.rep(body .. ",", creates):sub(1, -2) .. "]"
    for i = 0, count - 1 do
        if batched then
            requests[i] = wrk.format("POST", path, headers,
                batch_of(body, i))
        else
            requests[i] = wrk.format("POST", "/beta" .. set_of(i), headers,
                form == "array" and array or body)
        end
    end
end

function init()
    local headers = { ["Content-Type"] = "application/json" }
    if token then headers["Authorization"] = "Bearer " .. token end
    answers, succeeded = 0, 0
    if form == "read" then make_reads(headers) else make_creates(headers) end
end

function request()
    at = (at + 1) % count
    return requests[at]
end

-- How many creates a batch's answer acknowledges. One of the usual length tells
-- of no failure: only each hundredth of those is searched, to save time.
local function acknowledged(text)
    answers = answers + 1
    if #text == length and answers % 100 ~= 0 then return creates end
    local _, times = text:gsub('"status":201', "")
    return times
end

function response(status, _, text)
    if status ~= success then return end
    succeeded = succeeded +
        (form == "batch" and acknowledged(text) or creates)
end

function done(summary, latency)
    local total, stalls = 0, 0
    for _, thread in ipairs(threads) do total = total + thread:get("succeeded") end
    for i = 1, #latency do
        local microseconds, times = latency(i)
        if microseconds >= 100000 then stalls = stalls + times end
    end
    local errors = summary.errors
    print(string.format("RESULT %d %d %d %d %d %d %d %d", summary.duration,
        total, summary.requests * creates - total, latency:percentile(50),
        latency:percentile(99), latency.max,
        errors.connect + errors.read + errors.write + errors.timeout, stalls))
end
