-- The yardstick's durable, idempotent append: a stream, and the outcome of every command id.
local seen = redis.call('HGET', KEYS[2], ARGV[1])
if seen then return {seen, 0} end
local id = redis.call('XADD', KEYS[1], '*', 'id', ARGV[1], 'from', ARGV[2], 'text', ARGV[3])
redis.call('HSET', KEYS[2], ARGV[1], id)
return {id, 1}
