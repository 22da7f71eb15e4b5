-- SPDX-License-Identifier: Apache-2.0
-- wrk script: posts the page's example to many invitations. BENCH_BODY names
-- the file of the body. Prints one line that bench reads.
local file = assert(io.open(os.getenv("BENCH_BODY"), "rb"))
local body = file:read("*a")
file:close()

local threads = {}
function setup(thread)
    thread:set("number", #threads)
    threads[#threads + 1] = thread
end

local requests, at, count = {}, 0, 4096
function init()
    created = 0
    for i = 0, count - 1 do
        local path = string.format(
            "/beta/invitations/i-%d-%06d/invitedUser/insights/used", number, i)
        requests[i] = wrk.format("POST", path,
            { ["Content-Type"] = "application/json" }, body)
    end
end

function request()
    at = (at + 1) % count
    return requests[at]
end

function response(status)
    if status == 201 then created = created + 1 end
end

function done(summary, latency)
    local total = 0
    for _, thread in ipairs(threads) do total = total + thread:get("created") end
    local errors = summary.errors
    print(string.format("RESULT %d %d %d %d %d %d %d", summary.duration, total,
        summary.requests - total, latency:percentile(50),
        latency:percentile(99), latency.max,
        errors.connect + errors.read + errors.write + errors.timeout))
end
