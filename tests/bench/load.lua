-- SPDX-License-Identifier: Apache-2.0
-- wrk script: posts BENCH_BODY's text to many invitations, or gets BENCH_TARGET
-- ("%d" in it: 0 to 99), with the access token BENCH_TOKEN where there is one.
-- Prints one line that bench reads.
local target = os.getenv("BENCH_TARGET")
local file = assert(io.open(os.getenv("BENCH_BODY"), "rb"))
local body = file:read("*a")
file:close()
local token = os.getenv("BENCH_TOKEN")

local threads = {}
function setup(thread)
    thread:set("number", #threads)
    threads[#threads + 1] = thread
end

local requests, at, count = {}, 0, 4096
-- A large body is kept a few times only.
if #body > 65536 then count = 16 end

function init()
    local headers = { ["Content-Type"] = "application/json" }
    if token then headers["Authorization"] = "Bearer " .. token end
    succeeded = 0
    if target then
        count = 100
        for i = 0, count - 1 do
            requests[i] = wrk.format("GET", target:format(i), headers)
        end
        return
    end
    for i = 0, count - 1 do
        local path = string.format(
            "/beta/invitations/i-%d-%06d/invitedUser/insights/used", number, i)
        requests[i] = wrk.format("POST", path, headers, body)
    end
end

function request()
    at = (at + 1) % count
    return requests[at]
end

function response(status)
    if status == (target and 200 or 201) then succeeded = succeeded + 1 end
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
        total, summary.requests - total, latency:percentile(50),
        latency:percentile(99), latency.max,
        errors.connect + errors.read + errors.write + errors.timeout, stalls))
end
