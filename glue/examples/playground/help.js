/*
 * What each command does, in a line: its arguments, and a summary. Arity and flags are the module's to
 * tell (COMMAND INFO).
 */
const LINES = `
append | key value | adds to the end of a string
bitcount | key [start end [BYTE|BIT]] | counts the bits that are set
bitfield | key [GET|SET|INCRBY type offset [value] ...] | reads and writes integers of any width
bitfield_ro | key [GET type offset ...] | reads integers of any width
bitop | AND|OR|XOR|NOT destination key [key ...] | combines strings bit by bit
bitpos | key bit [start [end [BYTE|BIT]]] | finds the first bit that is 0, or 1
blmove | source destination LEFT|RIGHT LEFT|RIGHT timeout | LMOVE; never blocks here
blmpop | timeout numkeys key [key ...] LEFT|RIGHT [COUNT n] | LMPOP; never blocks here
blpop | key [key ...] timeout | takes a list's first element; never blocks here
brpop | key [key ...] timeout | takes a list's last element; never blocks here
brpoplpush | source destination timeout | RPOPLPUSH; never blocks here
bzmpop | timeout numkeys key [key ...] MIN|MAX [COUNT n] | ZMPOP; never blocks here
bzpopmax | key [key ...] timeout | takes the highest score; never blocks here
bzpopmin | key [key ...] timeout | takes the lowest score; never blocks here
cl.throttle | key burst count period [quantity] | a rate limit: allows or refuses, and says for how long
command | [INFO|DOCS|COUNT|HELP] [name ...] | what the module says of its commands
config | GET|SET|RESETSTAT name [value] | reads and changes maxmemory and its policy
copy | source destination [REPLACE] | copies a key
dbsize |  | counts the keys
decr | key | takes 1 off a number
decrby | key decrement | takes some off a number
del | key [key ...] | removes keys
dump | key | shows a value in Redis's own format
echo | message | says it again
exists | key [key ...] | counts which of the keys are there
expire | key seconds [NX|XX|GT|LT] | lets a key end after so many seconds
expireat | key seconds [NX|XX|GT|LT] | lets a key end at a time
expiretime | key | tells when a key ends, in seconds
flushall | [ASYNC|SYNC] | removes every key
flushdb | [ASYNC|SYNC] | removes every key
geoadd | key [NX|XX] [CH] longitude latitude member [...] | puts places on the map
geodist | key member member [M|KM|FT|MI] | tells how far apart two places are
geohash | key member [member ...] | gives places as geohashes
geopos | key member [member ...] | gives where places are
geosearch | key FROMMEMBER m|FROMLONLAT x y BYRADIUS r unit|BYBOX w h unit [...] | finds places nearby
geosearchstore | destination source FROMMEMBER m|FROMLONLAT x y BYRADIUS r unit|... | keeps what GEOSEARCH finds
get | key | gives a string
getbit | key offset | gives one bit of a string
getdel | key | gives a string and removes it
getex | key [EX s|PX ms|EXAT s|PXAT ms|PERSIST] | gives a string and sets when it ends
getrange | key start end | gives a part of a string
getset | key value | stores a string and gives the old one
hdel | key field [field ...] | removes fields of a hash
hexists | key field | tells whether a hash has a field
hexpire | key seconds [NX|XX|GT|LT] FIELDS n field [...] | lets fields end after so many seconds
hexpireat | key seconds [NX|XX|GT|LT] FIELDS n field [...] | lets fields end at a time
hexpiretime | key FIELDS n field [...] | tells when fields end, in seconds
hget | key field | gives a field of a hash
hgetall | key | gives all fields and values
hincrby | key field increment | adds to a number in a hash
hincrbyfloat | key field increment | adds to a decimal number in a hash
hkeys | key | gives all fields' names
hlen | key | counts the fields
hmget | key field [field ...] | gives some fields of a hash
hmset | key field value [field value ...] | sets fields of a hash
hpersist | key FIELDS n field [...] | lets fields stay for good
hpexpire | key ms [NX|XX|GT|LT] FIELDS n field [...] | lets fields end after so many milliseconds
hpexpireat | key ms [NX|XX|GT|LT] FIELDS n field [...] | lets fields end at a time in milliseconds
hpexpiretime | key FIELDS n field [...] | tells when fields end, in milliseconds
hpttl | key FIELDS n field [...] | tells how long fields have, in milliseconds
hrandfield | key [count [WITHVALUES]] | gives fields at random
hscan | key cursor [MATCH pattern] [COUNT n] | goes through a hash, piece by piece
hset | key field value [field value ...] | sets fields of a hash
hsetnx | key field value | sets a field that is not there
hstrlen | key field | tells how long a field's value is
httl | key FIELDS n field [...] | tells how long fields have, in seconds
hvals | key | gives all values
incr | key | adds 1 to a number
incrby | key increment | adds to a number
incrbyfloat | key increment | adds to a decimal number
info | [section ...] | gives the cache's figures
keys | pattern | gives the names that match
lcs | key key [LEN] [IDX] [MINMATCHLEN n] [WITHMATCHLEN] | finds the longest common subsequence
lindex | key index | gives an element of a list
linsert | key BEFORE|AFTER pivot element | puts an element beside another
llen | key | counts the elements
lmove | source destination LEFT|RIGHT LEFT|RIGHT | moves an element from list to list
lmpop | numkeys key [key ...] LEFT|RIGHT [COUNT n] | takes elements of the first list that has some
lpop | key [count] | takes the first elements
lpos | key element [RANK n] [COUNT n] [MAXLEN n] | finds an element
lpush | key element [element ...] | adds elements in front
lpushx | key element [element ...] | adds elements in front, if there is a list
lrange | key start stop | gives a range of elements
lrem | key count element | removes elements that are equal
lset | key index element | replaces an element
ltrim | key start stop | keeps a range of elements
memory | USAGE key|STATS|HELP | tells what a key takes, or all of them
mget | key [key ...] | gives several strings
mset | key value [key value ...] | stores several strings
msetnx | key value [key value ...] | stores several strings, if none of the keys is there
object | ENCODING|FREQ|IDLETIME|REFCOUNT key | tells how a key is kept, and how much used
persist | key | lets a key stay for good
pexpire | key ms [NX|XX|GT|LT] | lets a key end after so many milliseconds
pexpireat | key ms [NX|XX|GT|LT] | lets a key end at a time in milliseconds
pexpiretime | key | tells when a key ends, in milliseconds
pfadd | key [element ...] | notes elements, to count how many differ
pfcount | key [key ...] | counts how many differ, to 0.81%
pfmerge | destination [source ...] | joins such counts
ping | [message] | answers PONG
psetex | key ms value | stores a string for so many milliseconds
pttl | key | tells how long a key has, in milliseconds
randomkey |  | gives one key at random
rename | key newkey | gives a key another name
renamenx | key newkey | gives a key a name that is not taken
restore | key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ n] | makes a key of what DUMP shows
rpop | key [count] | takes the last elements
rpoplpush | source destination | moves a list's last element to the front of another
rpush | key element [element ...] | adds elements at the end
rpushx | key element [element ...] | adds elements at the end, if there is a list
sadd | key member [member ...] | adds members to a set
scan | cursor [MATCH pattern] [COUNT n] [TYPE type] | goes through the keys, piece by piece
scard | key | counts the members
sdiff | key [key ...] | gives what only the first set has
sdiffstore | destination key [key ...] | keeps what only the first set has
set | key value [NX|XX] [GET] [EX s|PX ms|EXAT s|PXAT ms|KEEPTTL] | stores a string
setbit | key offset bit | sets one bit of a string
setex | key seconds value | stores a string for so many seconds
setnx | key value | stores a string, if the key is not there
setrange | key offset value | overwrites a part of a string
sinter | key [key ...] | gives what all the sets have
sintercard | numkeys key [key ...] [LIMIT n] | counts what all the sets have
sinterstore | destination key [key ...] | keeps what all the sets have
sismember | key member | tells whether a set has a member
smembers | key | gives all members
smismember | key member [member ...] | tells which members a set has
smove | source destination member | moves a member from set to set
sort | key [BY pattern] [LIMIT offset n] [GET pattern ...] [ASC|DESC] [ALPHA] [STORE key] | gives the elements in order
sort_ro | key [BY pattern] [LIMIT offset n] [GET pattern ...] [ASC|DESC] [ALPHA] | gives the elements in order
spop | key [count] | takes members at random
srandmember | key [count] | gives members at random
srem | key member [member ...] | removes members
sscan | key cursor [MATCH pattern] [COUNT n] | goes through a set, piece by piece
strlen | key | tells how long a string is
substr | key start end | gives a part of a string
sunion | key [key ...] | gives what any of the sets has
sunionstore | destination key [key ...] | keeps what any of the sets has
touch | key [key ...] | counts as a use of the keys
ttl | key | tells how long a key has, in seconds
type | key | tells what a key holds
unlink | key [key ...] | removes keys
zadd | key [NX|XX] [GT|LT] [CH] [INCR] score member [...] | adds members with scores
zcard | key | counts the members
zcount | key min max | counts the scores in a range
zdiff | numkeys key [key ...] [WITHSCORES] | gives what only the first has
zdiffstore | destination numkeys key [key ...] | keeps what only the first has
zincrby | key increment member | adds to a score
zinter | numkeys key [key ...] [WEIGHTS w ...] [AGGREGATE SUM|MIN|MAX] [WITHSCORES] | gives what all have
zintercard | numkeys key [key ...] [LIMIT n] | counts what all have
zinterstore | destination numkeys key [key ...] [WEIGHTS w ...] [AGGREGATE SUM|MIN|MAX] | keeps what all have
zlexcount | key min max | counts the names in a range
zmpop | numkeys key [key ...] MIN|MAX [COUNT n] | takes members of the first that has some
zmscore | key member [member ...] | gives several scores
zpopmax | key [count] | takes the highest scores
zpopmin | key [count] | takes the lowest scores
zrandmember | key [count [WITHSCORES]] | gives members at random
zrange | key start stop [BYSCORE|BYLEX] [REV] [LIMIT offset n] [WITHSCORES] | gives a range of members
zrangebylex | key min max [LIMIT offset n] | gives a range of names
zrangebyscore | key min max [WITHSCORES] [LIMIT offset n] | gives a range of scores
zrangestore | destination source min max [BYSCORE|BYLEX] [REV] [LIMIT offset n] | keeps a range of members
zrank | key member | gives a member's rank, from the lowest
zrem | key member [member ...] | removes members
zremrangebylex | key min max | removes a range of names
zremrangebyrank | key start stop | removes a range of ranks
zremrangebyscore | key min max | removes a range of scores
zrevrange | key start stop [WITHSCORES] | gives a range of ranks, from the highest
zrevrangebylex | key max min [LIMIT offset n] | gives a range of names, backwards
zrevrangebyscore | key max min [WITHSCORES] [LIMIT offset n] | gives a range of scores, backwards
zrevrank | key member | gives a member's rank, from the highest
zscan | key cursor [MATCH pattern] [COUNT n] | goes through a sorted set
zscore | key member | gives a member's score
zunion | numkeys key [key ...] [WEIGHTS w ...] [AGGREGATE SUM|MIN|MAX] [WITHSCORES] | gives what any has
zunionstore | destination numkeys key [key ...] [WEIGHTS w ...] [AGGREGATE SUM|MIN|MAX] | keeps what any has
`;

// Syntax has bars of its own, but none with spaces.
const HELP = new Map(
  LINES.trim()
    .split("\n")
    .map((line) => line.split(" | "))
    .map(([name, syntax, summary]) => [name, { name: name.toUpperCase(), syntax, summary }]),
);

/** The names, in lower case. */
export const names = [...HELP.keys()];

/** { name, syntax, summary } of a command; undefined: there is none of that name. */
export const helpOf = (name) => HELP.get(name.toLowerCase());

/** Those that begin so, if it is at least a letter. */
export const completions = (start) =>
  start ? names.filter((name) => name.startsWith(start.toLowerCase())) : [];
