#!lua name=@NAME@

-- The append: what a batch of commands decided joins the record of one interview, all or nothing.
-- Its counterpart is server/record/store.py, which spells the keys and writes the arguments:
--
--   KEYS  done, body, feed channel, one stream per lane
--   ARGV  origin, the shape of the batch, and its texts: of each command its done field and its
--         outcome, then of each of its entries the event, and the text or ''
--
-- The shape is JSON: lanes [[lane, expected last seq]] in the order of the keys, and for each command
-- its entries, [[lane, [[from body field, to body field]]]].
--
-- A function does not roll back, so every check comes before the first write. Lanes are gap-free
-- from 1 and never trimmed: a lane's length is its last seq.

local MISSING_MAX = 500

local function read_batch(keys, args)
  local expected, commands = unpack(cjson.decode(args[2]))
  local batch = {lanes = {}, fields = {}, outcomes = {}, entries = {}}
  for i, lane in ipairs(expected) do
    batch.lanes[i] = {name = lane[1], key = keys[3 + i], expected = lane[2]}
    batch.lanes[lane[1]] = batch.lanes[i]
  end
  local at = 3
  for i, entries in ipairs(commands) do
    batch.fields[i] = args[at]
    batch.outcomes[2 * i - 1], batch.outcomes[2 * i] = args[at], args[at + 1]
    at = at + 2
    for _, entry in ipairs(entries) do
      batch.entries[#batch.entries + 1] =
        {lane = batch.lanes[entry[1]], event = args[at], body = args[at + 1], copies = entry[2]}
      at = at + 2
    end
  end
  return batch
end

-- What stands in the way of the batch, or nil: {lane name, last seq, entries after the expected},
-- and the outcomes of those of its commands that are done already.
local function conflict(batch, done_key)
  local clash, lanes, done = false, {}, {}
  for _, lane in ipairs(batch.lanes) do
    local last = redis.call('XLEN', lane.key)
    if last ~= lane.expected then
      local from = string.format('%d-0', lane.expected + 1)
      local missing = redis.call('XRANGE', lane.key, from, '+', 'COUNT', MISSING_MAX)
      lanes[#lanes + 1] = {lane.name, last, missing}
      clash = true
    end
  end
  for i, outcome in ipairs(redis.call('HMGET', done_key, unpack(batch.fields))) do
    if outcome then
      done[#done + 1] = {batch.fields[i], outcome}
      clash = true
    end
  end
  return clash and {lanes, done} or nil
end

local function write_entry(entry, body_key)
  local lane = entry.lane
  lane.expected = lane.expected + 1
  redis.call('XADD', lane.key, string.format('%d-0', lane.expected), 'e', entry.event)
  if entry.body ~= '' then
    redis.call('HSET', body_key, string.format('%s/%d', lane.name, lane.expected), entry.body)
  end
  for _, copy in ipairs(entry.copies) do
    local body = redis.call('HGET', body_key, copy[1])
    if body then
      redis.call('HSET', body_key, copy[2], body)
    end
  end
end

-- Other nodes get the arguments themselves, framed as a RESP array of bulk strings.
local function frame(args)
  local parts = {'*' .. #args .. '\r\n'}
  for i, arg in ipairs(args) do
    parts[i + 1] = '$' .. #arg .. '\r\n' .. arg .. '\r\n'
  end
  return table.concat(parts)
end

redis.register_function('@NAME@', function(keys, args)
  local batch = read_batch(keys, args)
  local clash = conflict(batch, keys[1])
  if clash then
    return clash
  end
  for _, entry in ipairs(batch.entries) do
    write_entry(entry, keys[2])
  end
  redis.call('HSET', keys[1], unpack(batch.outcomes))
  if args[1] ~= '' then
    redis.call('SPUBLISH', keys[3], frame(args))
  end
  return 1
end)
