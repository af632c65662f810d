/*
 * What is answered to what is not quite right, or seldom asked: a line, as a client types it, and
 * redis-server 7.0's reply to it, in one long conversation. (The differential compares a great deal
 * more, with Redis at hand; this is what natively needs no Redis.)
 */
#include "client.h"
#include <ctype.h>
#include <strings.h>

static const struct exchange {
    const char *line, *reply;
} exchanges[] = {
    {"SET a v EX 0", "-ERR invalid expire time in 'set' command\r\n"},
    {"SET a v EX x", "-ERR value is not an integer or out of range\r\n"},
    {"SET a v NX XX", "-ERR syntax error\r\n"},
    {"SET a v PX 9223372036854775807", "-ERR invalid expire time in 'set' command\r\n"},
    {"SET a v NX GET", "$-1\r\n"},
    {"GETDEL a", "$1\r\nv\r\n"},
    {"SET a v", "+OK\r\n"},
    {"SET a w NX GET", "$1\r\nv\r\n"},
    {"SET a gone EXAT 1 GET", "$1\r\nv\r\n"},
    {"GET a", "$-1\r\n"},
    {"SET a gone EXAT 1", "+OK\r\n"},
    {"GETEX none", "$-1\r\n"},
    {"SET a v", "+OK\r\n"},
    {"GETEX a EX 0", "-ERR invalid expire time in 'getex' command\r\n"},
    {"GETEX a EXAT 1", "$1\r\nv\r\n"},
    {"GET a", "$-1\r\n"},
    {"RPUSH list a b c", ":3\r\n"},
    {"GETEX list", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"SET list x GET", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"STRLEN list", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"APPEND list x", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"SETRANGE a -1 x", "-ERR offset is out of range\r\n"},
    {"SETRANGE a 536870912 x", "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"},
    {"SETRANGE nothing 5 \"\"", ":0\r\n"},
    {"SET a 9223372036854775807", "+OK\r\n"},
    {"INCR a", "-ERR increment or decrement would overflow\r\n"},
    {"DECRBY a -9223372036854775808", "-ERR decrement would overflow\r\n"},
    {"INCRBY a x", "-ERR value is not an integer or out of range\r\n"},
    {"SET f 1", "+OK\r\n"},
    {"INCRBYFLOAT f x", "-ERR value is not a valid float\r\n"},
    {"INCRBYFLOAT f inf", "-ERR increment would produce NaN or Infinity\r\n"},
    {"SET huge 1e4932", "+OK\r\n"},
    {"INCRBYFLOAT huge 1e4932", "-ERR increment would produce NaN or Infinity\r\n"},
    {"MSET a", "-ERR wrong number of arguments for 'mset' command\r\n"},
    {"MSETNX a 1 z 2", ":0\r\n"},
    {"MSETNX y 1 z 2", ":1\r\n"},
    {"EXPIRE a 10 NX XX",
     "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n"},
    {"EXPIRE a 10 GT LT", "-ERR GT and LT options at the same time are not compatible\r\n"},
    {"EXPIRE a 10 FOO", "-ERR Unsupported option FOO\r\n"},
    {"EXPIRE a 9223372036854775807", "-ERR invalid expire time in 'expire' command\r\n"},
    {"EXPIRE a x", "-ERR value is not an integer or out of range\r\n"},
    {"COPY a b DB 1000", "-ERR DB index is out of range\r\n"},
    {"COPY a b DB x", "-ERR value is not an integer or out of range\r\n"},
    {"COPY a b DB 99999999999",
     "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n"},
    {"COPY a b DB 0", ":1\r\n"},
    {"COPY a a", "-ERR source and destination objects are the same\r\n"},
    {"COPY a", "-ERR wrong number of arguments for 'copy' command\r\n"},
    {"RENAME none b", "-ERR no such key\r\n"},
    {"RENAMENX a a", ":0\r\n"},
    {"RENAME a b", "+OK\r\n"},
    {"RENAMENX b z", ":0\r\n"},
    {"FLUSHALL FAST", "-ERR syntax error\r\n"},
    {"FLUSHALL SYNC EXTRA", "-ERR syntax error\r\n"},
    {"FLUSHALL ASYNC", "+OK\r\n"},
    {"RPUSH list a b c d", ":4\r\n"},
    {"LINDEX list 9", "$-1\r\n"},
    {"LINDEX list x", "-ERR value is not an integer or out of range\r\n"},
    {"LSET list 9 v", "-ERR index out of range\r\n"},
    {"LSET none 0 v", "-ERR no such key\r\n"},
    {"LSET list x v", "-ERR value is not an integer or out of range\r\n"},
    {"LINSERT list NEAR a v", "-ERR syntax error\r\n"},
    {"LINSERT list BEFORE nope v", ":-1\r\n"},
    {"LINSERT none BEFORE a v", ":0\r\n"},
    {"LPOS list a RANK 0", "-ERR RANK can't be zero: use 1 to start from the first match, 2 from "
                           "the second ... or use negative to start from the end of the list\r\n"},
    {"LPOS list a COUNT -1", "-ERR COUNT can't be negative\r\n"},
    {"LPOS list a MAXLEN -1", "-ERR MAXLEN can't be negative\r\n"},
    {"LPOS list d MAXLEN 2", "$-1\r\n"},
    {"LPOS list a RANK -1", ":0\r\n"},
    {"LPOS list a RANK 2", "$-1\r\n"},
    {"LPOS list a RANK -9223372036854775808", ":0\r\n"},
    {"LPOS list nope COUNT 0", "*0\r\n"},
    {"LPOP list 0", "*0\r\n"},
    {"LPOP list -1", "-ERR value is out of range, must be positive\r\n"},
    {"LPOP none 3", "*-1\r\n"},
    {"LPOP none", "$-1\r\n"},
    {"LMOVE list none UP LEFT", "-ERR syntax error\r\n"},
    {"LMOVE none list LEFT LEFT", "$-1\r\n"},
    {"SET str x", "+OK\r\n"},
    {"LMOVE list str LEFT LEFT",
     "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"LMOVE str list LEFT LEFT",
     "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"BLMOVE list other LEFT LEFT -1", "-ERR timeout is negative\r\n"},
    {"BLMOVE list other LEFT LEFT x", "-ERR timeout is not a float or out of range\r\n"},
    {"BLPOP list -1", "-ERR timeout is negative\r\n"},
    {"BLPOP none list 0", "*2\r\n$4\r\nlist\r\n$1\r\na\r\n"},
    {"LMPOP 0 list LEFT", "-ERR numkeys should be greater than 0\r\n"},
    {"LMPOP 1 list UP", "-ERR syntax error\r\n"},
    {"LMPOP 1 list LEFT COUNT 0", "-ERR count should be greater than 0\r\n"},
    {"LMPOP 1 list LEFT COUNT", "-ERR syntax error\r\n"},
    {"LMPOP 2 list LEFT", "-ERR syntax error\r\n"},
    {"LMPOP 1 none LEFT", "*-1\r\n"},
    {"LMPOP 1 list LEFT COUNT 1 COUNT 2", "-ERR syntax error\r\n"},
    {"LRANGE str 0 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"LTRIM list x 0", "-ERR value is not an integer or out of range\r\n"},
    {"LREM list x a", "-ERR value is not an integer or out of range\r\n"},
    {"SADD set 1 2 3", ":3\r\n"},
    {"OBJECT ENCODING set", "$6\r\nintset\r\n"},
    {"SADD set x", ":1\r\n"},
    {"OBJECT ENCODING set", "$9\r\nhashtable\r\n"},
    {"SADD str x", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"SMOVE none set 1", ":0\r\n"},
    {"SMOVE set none nope", ":0\r\n"},
    {"SMOVE set str 1", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"SPOP set -1", "-ERR value is out of range, must be positive\r\n"},
    {"SPOP set 1 2", "-ERR syntax error\r\n"},
    {"SPOP none", "$-1\r\n"},
    {"SPOP none 2", "*0\r\n"},
    {"SRANDMEMBER set x", "-ERR value is not an integer or out of range\r\n"},
    {"SRANDMEMBER set -9223372036854775808", "-ERR value is out of range, value must between "
                                             "-9223372036854775807 and 9223372036854775807\r\n"},
    {"SRANDMEMBER none", "$-1\r\n"},
    {"SRANDMEMBER none 4", "*0\r\n"},
    {"SINTERCARD 0 set", "-ERR numkeys should be greater than 0\r\n"},
    {"SINTERCARD 5 set", "-ERR Number of keys can't be greater than number of args\r\n"},
    {"SINTERCARD 1 set LIMIT -1", "-ERR LIMIT can't be negative\r\n"},
    {"SINTERCARD 1 set LIMIT 2", ":2\r\n"},
    {"SINTERCARD 1 set FOO 2", "-ERR syntax error\r\n"},
    {"SUNION set str", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"SISMEMBER str a", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"ZADD z NX XX 1 a", "-ERR XX and NX options at the same time are not compatible\r\n"},
    {"ZADD z GT LT 1 a", "-ERR GT, LT, and/or NX options at the same time are not compatible\r\n"},
    {"ZADD z NX GT 1 a", "-ERR GT, LT, and/or NX options at the same time are not compatible\r\n"},
    {"ZADD z 1", "-ERR wrong number of arguments for 'zadd' command\r\n"},
    {"ZADD z 1 a 2", "-ERR syntax error\r\n"},
    {"ZADD z INCR 1 a 2 b", "-ERR INCR option supports a single increment-element pair\r\n"},
    {"ZADD z x a", "-ERR value is not a valid float\r\n"},
    {"ZADD z nan a", "-ERR value is not a valid float\r\n"},
    {"ZADD z CH 1 a 2 b 3 c", ":3\r\n"},
    {"ZADD z XX INCR 5 nope", "$-1\r\n"},
    {"ZADD z NX INCR 5 a", "$-1\r\n"},
    {"ZADD z GT CH 0 a", ":0\r\n"},
    {"ZADD z INCR 1 a", "$1\r\n2\r\n"},
    {"ZADD z +inf i", ":1\r\n"},
    {"ZINCRBY z -inf i", "-ERR resulting score is not a number (NaN)\r\n"},
    {"ZINCRBY z x a", "-ERR value is not a valid float\r\n"},
    {"ZINCRBY z 2 new", "$1\r\n2\r\n"},
    {"ZRANGE z 0 -1 REV", "*5\r\n$1\r\ni\r\n$1\r\nc\r\n$3\r\nnew\r\n$1\r\nb\r\n$1\r\na\r\n"},
    {"ZRANGE z (1 3 BYSCORE", "*4\r\n$1\r\na\r\n$1\r\nb\r\n$3\r\nnew\r\n$1\r\nc\r\n"},
    {"ZRANGE z - + BYLEX", "*5\r\n$1\r\na\r\n$1\r\nb\r\n$3\r\nnew\r\n$1\r\nc\r\n$1\r\ni\r\n"},
    {"ZRANGE z 0 1 LIMIT 0 1",
     "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX\r\n"},
    {"ZRANGE z - + BYLEX WITHSCORES",
     "-ERR syntax error, WITHSCORES not supported in combination with BYLEX\r\n"},
    {"ZRANGE z x 1", "-ERR value is not an integer or out of range\r\n"},
    {"ZRANGE z x 1 BYSCORE", "-ERR min or max is not a float\r\n"},
    {"ZRANGE z x 1 BYLEX", "-ERR min or max not valid string range item\r\n"},
    {"ZRANGE z 3 1 BYSCORE REV LIMIT 1 1", "*1\r\n$3\r\nnew\r\n"},
    {"ZRANGEBYSCORE z 1 5 LIMIT 1 x", "-ERR value is not an integer or out of range\r\n"},
    {"ZRANGEBYSCORE z 1 5 LIMIT -1 5", "*0\r\n"},
    {"ZRANGEBYSCORE z 1 5 WITHSCORES LIMIT 0 2",
     "*4\r\n$1\r\na\r\n$1\r\n2\r\n$1\r\nb\r\n$1\r\n2\r\n"},
    {"ZREVRANGEBYSCORE z 5 1", "*4\r\n$1\r\nc\r\n$3\r\nnew\r\n$1\r\nb\r\n$1\r\na\r\n"},
    {"ZRANGEBYLEX z a +", "-ERR min or max not valid string range item\r\n"},
    {"ZCOUNT z (1 (3", ":3\r\n"},
    {"ZCOUNT z x 3", "-ERR min or max is not a float\r\n"},
    {"ZLEXCOUNT z - (c", ":2\r\n"},
    {"ZREMRANGEBYRANK z x 1", "-ERR value is not an integer or out of range\r\n"},
    {"ZRANK z nope", "$-1\r\n"},
    {"ZPOPMIN z -1", "-ERR value is out of range, must be positive\r\n"},
    {"ZPOPMIN z 0", "*0\r\n"},
    {"ZMPOP 1 z MIDDLE", "-ERR syntax error\r\n"},
    {"ZMPOP 1 none MIN", "*-1\r\n"},
    {"ZRANDMEMBER z -9223372036854775808 WITHSCORES",
     "-ERR value is out of range, value must between -9223372036854775807 and "
     "9223372036854775807\r\n"},
    {"ZRANDMEMBER z 1 FOO", "-ERR syntax error\r\n"},
    {"ZUNIONSTORE d 0 z", "-ERR at least 1 input key is needed for 'zunionstore' command\r\n"},
    {"ZUNIONSTORE d 2 z", "-ERR syntax error\r\n"},
    {"ZUNIONSTORE d x z", "-ERR value is not an integer or out of range\r\n"},
    {"ZUNIONSTORE d 1 z WEIGHTS x", "-ERR weight value is not a float\r\n"},
    {"ZUNIONSTORE d 1 z AGGREGATE AVG", "-ERR syntax error\r\n"},
    {"ZUNIONSTORE d 1 z WEIGHTS", "-ERR syntax error\r\n"},
    {"ZUNIONSTORE d 1 str",
     "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"ZADD inf1 +inf a", ":1\r\n"},
    {"ZADD inf2 -inf a", ":1\r\n"},
    {"ZUNION 2 inf1 inf2 WITHSCORES", "*2\r\n$1\r\na\r\n$1\r\n0\r\n"},
    {"ZUNION 1 inf1 WEIGHTS 0 WITHSCORES", "*2\r\n$1\r\na\r\n$1\r\n0\r\n"},
    {"ZINTER 2 inf1 inf2 AGGREGATE MIN WITHSCORES", "*2\r\n$1\r\na\r\n$4\r\n-inf\r\n"},
    {"ZDIFF 1 z AGGREGATE MIN", "-ERR syntax error\r\n"},
    {"ZDIFF 1 z WEIGHTS 1", "-ERR syntax error\r\n"},
    {"ZRANGESTORE d z 0 0", ":1\r\n"},
    {"ZRANGESTORE d z 0 1 WITHSCORES", "-ERR syntax error\r\n"},
    {"ZINTERCARD 1 z LIMIT x", "-ERR LIMIT can't be negative\r\n"},
    {"HSET h f", "-ERR wrong number of arguments for 'hset' command\r\n"},
    {"HSET h f v g w", ":2\r\n"},
    {"HINCRBY h f 1", "-ERR hash value is not an integer\r\n"},
    {"HINCRBY h n 9223372036854775807", ":9223372036854775807\r\n"},
    {"HINCRBY h n 1", "-ERR increment or decrement would overflow\r\n"},
    {"HINCRBYFLOAT h f 1", "-ERR hash value is not a float\r\n"},
    {"HINCRBYFLOAT h x inf", "-ERR value is NaN or Infinity\r\n"},
    {"HINCRBYFLOAT h x nan", "-ERR value is not a valid float\r\n"},
    {"HINCRBYFLOAT str x 1",
     "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"HRANDFIELD h 1 FOO", "-ERR syntax error\r\n"},
    {"HRANDFIELD h -9223372036854775808", "-ERR value is out of range, value must between "
                                          "-9223372036854775807 and 9223372036854775807\r\n"},
    {"HRANDFIELD h 4611686018427387904 WITHVALUES", "-ERR value is out of range\r\n"},
    {"HRANDFIELD h x", "-ERR value is not an integer or out of range\r\n"},
    {"HGETALL str", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"HSTRLEN h f", ":1\r\n"},
    {"HMGET none a b", "*2\r\n$-1\r\n$-1\r\n"},
    {"SETBIT b 4294967296 1", "-ERR bit offset is not an integer or out of range\r\n"},
    {"SETBIT b x 1", "-ERR bit offset is not an integer or out of range\r\n"},
    {"SETBIT b 0 2", "-ERR bit is not an integer or out of range\r\n"},
    {"SETBIT b 7 1", ":0\r\n"},
    {"GETBIT b x", "-ERR bit offset is not an integer or out of range\r\n"},
    {"GETBIT str 1", ":1\r\n"},
    {"GETBIT b 100", ":0\r\n"},
    {"BITCOUNT b 0", "-ERR syntax error\r\n"},
    {"BITCOUNT b 0 -1 NIBBLE", "-ERR syntax error\r\n"},
    {"BITCOUNT b -1 -2", ":0\r\n"},
    {"BITCOUNT b 0 7 BIT", ":1\r\n"},
    {"BITCOUNT b x 1", "-ERR value is not an integer or out of range\r\n"},
    {"BITCOUNT none", ":0\r\n"},
    {"BITPOS b 2", "-ERR The bit argument must be 1 or 0.\r\n"},
    {"BITPOS b x", "-ERR value is not an integer or out of range\r\n"},
    {"BITPOS b 1 0 -1 BIT", ":7\r\n"},
    {"BITPOS b 0 1", ":-1\r\n"},
    {"BITPOS b 1 -1 -2", ":7\r\n"},
    {"SETBIT ones 0 1", ":0\r\n"},
    {"SETRANGE ones 0 \"\\xff\"", ":1\r\n"},
    {"BITPOS ones 0", ":8\r\n"},
    {"BITPOS ones 0 0 -1", ":-1\r\n"},
    {"BITPOS none 0", ":0\r\n"},
    {"BITPOS none 1", ":-1\r\n"},
    {"BITOP FOO d b", "-ERR syntax error\r\n"},
    {"BITOP NOT d b b", "-ERR BITOP NOT must be called with a single source key.\r\n"},
    {"BITOP AND d b list",
     "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"BITFIELD b GET u64 0", "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 "
                             "is not supported but i64 is.\r\n"},
    {"BITFIELD b GET i65 0", "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 "
                             "is not supported but i64 is.\r\n"},
    {"BITFIELD b GET x8 0", "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 "
                            "is not supported but i64 is.\r\n"},
    {"BITFIELD b GET u8 #x", "-ERR bit offset is not an integer or out of range\r\n"},
    {"BITFIELD b GET u8 -1", "-ERR bit offset is not an integer or out of range\r\n"},
    {"BITFIELD b OVERFLOW NEVER", "-ERR Invalid OVERFLOW type specified\r\n"},
    {"BITFIELD b SET u8 0 x", "-ERR value is not an integer or out of range\r\n"},
    {"BITFIELD b OVERFLOW FAIL INCRBY u2 0 3 INCRBY u2 0 3", "*2\r\n:3\r\n$-1\r\n"},
    {"BITFIELD b OVERFLOW SAT INCRBY i8 0 200 INCRBY i8 0 -300", "*2\r\n:127\r\n:-128\r\n"},
    {"BITFIELD b OVERFLOW SAT INCRBY u8 0 -300 SET u8 #1 300 SET i8 #2 -200",
     "*3\r\n:0\r\n:0\r\n:0\r\n"},
    {"BITFIELD b OVERFLOW WRAP INCRBY i64 0 9223372036854775807 INCRBY i64 0 9223372036854775807",
     "*2\r\n:-9151455180305203201\r\n:71916856549572606\r\n"},
    {"BITFIELD_RO b SET u8 0 1", "-ERR BITFIELD_RO only supports the GET subcommand\r\n"},
    {"BITFIELD b FOO u8 0", "-ERR syntax error\r\n"},
    {"BITFIELD b GET u8", "-ERR syntax error\r\n"},
    {"GEOADD g x 1 a", "-ERR value is not a valid float\r\n"},
    {"GEOADD g 200 1 a", "-ERR invalid longitude,latitude pair 200.000000,1.000000\r\n"},
    {"GEOADD g 1 1 a 2 2", "-ERR syntax error\r\n"},
    {"GEOADD g 1 1 a 2 2 b 13.361389 38.115556 p", ":3\r\n"},
    {"GEODIST g a b parsec", "-ERR unsupported unit provided. please use M, KM, FT, MI\r\n"},
    {"GEODIST g a nope", "$-1\r\n"},
    {"GEODIST g a b km extra", "-ERR syntax error\r\n"},
    {"GEODIST g a b mi", "$7\r\n97.7233\r\n"},
    {"GEOSEARCH g FROMMEMBER nope BYRADIUS 1 m", "-ERR could not decode requested zset member\r\n"},
    {"GEOSEARCH g FROMMEMBER a BYRADIUS -1 m", "-ERR radius cannot be negative\r\n"},
    {"GEOSEARCH g FROMMEMBER a BYRADIUS x m", "-ERR need numeric radius\r\n"},
    {"GEOSEARCH g FROMMEMBER a BYRADIUS 1 parsec",
     "-ERR unsupported unit provided. please use M, KM, FT, MI\r\n"},
    {"GEOSEARCH g FROMMEMBER a BYBOX -1 1 m", "-ERR height or width cannot be negative\r\n"},
    {"GEOSEARCH g FROMMEMBER a BYRADIUS 1 m COUNT 0", "-ERR COUNT must be > 0\r\n"},
    {"GEOSEARCH g FROMMEMBER a BYRADIUS 1 m COUNT x",
     "-ERR value is not an integer or out of range\r\n"},
    {"GEOSEARCH g FROMMEMBER a BYRADIUS 1 m ANY",
     "-ERR the ANY argument requires COUNT argument\r\n"},
    {"GEOSEARCH g BYRADIUS 1 m ASC WITHDIST",
     "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH\r\n"},
    {"GEOSEARCH g FROMMEMBER a ASC WITHDIST WITHHASH",
     "-ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCH\r\n"},
    {"GEOSEARCH g FROMMEMBER a FROMLONLAT 1 1 BYRADIUS 1 m", "-ERR syntax error\r\n"},
    {"GEOSEARCH g FROMMEMBER a BYRADIUS 200 km DESC WITHDIST WITHHASH WITHCOORD",
     "*2\r\n*4\r\n$1\r\nb\r\n$8\r\n157.2701\r\n:3378191666521995\r\n*2\r\n$19\r\n2."
     "00000256299972534\r\n$18\r\n2.0000001856465488\r\n*4\r\n$1\r\na\r\n$6\r\n0.0000\r\n:"
     "3377822707026402\r\n*2\r\n$19\r\n0.99999994039535522\r\n$19\r\n0.99999945914297683\r\n"},
    {"GEOSEARCH g FROMMEMBER a BYRADIUS 200 km ASC COUNT 1 ANY", "*1\r\n$1\r\na\r\n"},
    {"GEOSEARCHSTORE d g FROMMEMBER a BYRADIUS 200 km WITHDIST",
     "-ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options\r\n"},
    {"GEOSEARCHSTORE d g FROMMEMBER a BYRADIUS 200 km STOREDIST", ":2\r\n"},
    {"GEOPOS g nope a",
     "*2\r\n*-1\r\n*2\r\n$19\r\n0.99999994039535522\r\n$19\r\n0.99999945914297683\r\n"},
    {"GEOHASH g a nope", "*2\r\n$11\r\ns00twy01mt0\r\n$-1\r\n"},
    {"ZADD g inf far", ":1\r\n"},
    {"GEOPOS g far",
     "*1\r\n*2\r\n$22\r\n-179.99999731779098511\r\n$21\r\n-85.05112751263942528\r\n"},
    {"PFADD str x", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"},
    {"PFCOUNT str", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"},
    {"PFADD p", ":1\r\n"},
    {"PFADD p", ":0\r\n"},
    {"PFCOUNT p none", ":0\r\n"},
    {"PFMERGE str p", "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n"},
    {"LCS str f LEN IDX", "-ERR If you want both the length and indexes, please just use IDX.\r\n"},
    {"LCS str list", "-ERR The specified keys must contain string values\r\n"},
    {"LCS str f MINMATCHLEN x", "-ERR value is not an integer or out of range\r\n"},
    {"SET s1 ohmytext", "+OK\r\n"},
    {"SET s2 mynewtext", "+OK\r\n"},
    {"LCS s1 s2", "$6\r\nmytext\r\n"},
    {"LCS s1 s2 LEN", ":6\r\n"},
    {"LCS s1 s2 IDX MINMATCHLEN 4 WITHMATCHLEN",
     "*4\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n$3\r\nlen\r\n:"
     "6\r\n"},
    {"LCS s1 s2 FOO", "-ERR syntax error\r\n"},
    {"RPUSH n 3 1 2 x", ":4\r\n"},
    {"SORT n", "-ERR One or more scores can't be converted into double\r\n"},
    {"SORT n ALPHA DESC", "*4\r\n$1\r\nx\r\n$1\r\n3\r\n$1\r\n2\r\n$1\r\n1\r\n"},
    {"SORT n LIMIT 1 x", "-ERR value is not an integer or out of range\r\n"},
    {"SORT n ALPHA LIMIT -5 2", "*2\r\n$1\r\n1\r\n$1\r\n2\r\n"},
    {"SORT n ALPHA LIMIT 9 2", "*0\r\n"},
    {"SORT n BY nosort", "*4\r\n$1\r\n3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\nx\r\n"},
    {"SORT n BY nosort DESC LIMIT 0 2", "*2\r\n$1\r\nx\r\n$1\r\n2\r\n"},
    {"SORT n BY h->f GET # GET h->g",
     "*8\r\n$1\r\n3\r\n$-1\r\n$1\r\n1\r\n$-1\r\n$1\r\n2\r\n$-1\r\n$1\r\nx\r\n$-1\r\n"},
    {"SORT_RO n ALPHA STORE d", "-ERR syntax error\r\n"},
    {"SORT str", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"SORT n FOO", "-ERR syntax error\r\n"},
    {"SCAN x", "-ERR invalid cursor\r\n"},
    {"SCAN 0 COUNT 0", "-ERR syntax error\r\n"},
    {"SCAN 0 COUNT x", "-ERR value is not an integer or out of range\r\n"},
    {"SCAN 0 TYPE", "-ERR syntax error\r\n"},
    {"SCAN 0 FOO 1", "-ERR syntax error\r\n"},
    {"HSCAN h 0 TYPE string", "-ERR syntax error\r\n"},
    {"SSCAN none 0", "*2\r\n$1\r\n0\r\n*0\r\n"},
    {"ZSCAN str 0", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"},
    {"KEYS [^a]*\\z", "*0\r\n"},
    {"KEYS \"\\\\s1\"", "*1\r\n$2\r\ns1\r\n"},
    {"OBJECT ENCODING none", "$-1\r\n"},
    {"OBJECT FREQ s1", "-ERR An LFU maxmemory policy is not selected, access frequency not "
                       "tracked. Please note that when switching between policies at runtime LRU "
                       "and LFU data will take some time to adjust.\r\n"},
    {"OBJECT REFCOUNT none", "$-1\r\n"},
    {"OBJECT FOO s1", "-ERR unknown subcommand 'FOO'. Try OBJECT HELP.\r\n"},
    {"OBJECT ENCODING h", "$8\r\nlistpack\r\n"},
    {"OBJECT ENCODING z", "$8\r\nlistpack\r\n"},
    {"OBJECT ENCODING list", "$9\r\nquicklist\r\n"},
    {"SADD wide "
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     ":1\r\n"},
    {"HSET wh f "
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     ":1\r\n"},
    {"OBJECT ENCODING wh", "$9\r\nhashtable\r\n"},
    {"ZADD wz 1 "
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     ":1\r\n"},
    {"OBJECT ENCODING wz", "$8\r\nskiplist\r\n"},
    {"MEMORY USAGE s1 SAMPLES -1", "-ERR syntax error\r\n"},
    {"MEMORY USAGE s1 SAMPLES x", "-ERR value is not an integer or out of range\r\n"},
    {"MEMORY USAGE none", "$-1\r\n"},
    {"CONFIG SET maxmemory-samples x",
     "-ERR CONFIG SET failed (possibly related to argument 'maxmemory-samples') - argument "
     "couldn't be parsed into an integer\r\n"},
    {"CONFIG SET maxmemory-samples 0",
     "-ERR CONFIG SET failed (possibly related to argument 'maxmemory-samples') - argument must be "
     "between 1 and 2147483647 inclusive\r\n"},
    {"CONFIG SET maxmemory-policy never",
     "-ERR CONFIG SET failed (possibly related to argument 'maxmemory-policy') - argument(s) must "
     "be one of the following: volatile-lru, volatile-lfu, volatile-random, volatile-ttl, "
     "allkeys-lru, allkeys-lfu, allkeys-random, noeviction\r\n"},
    {"CONFIG SET maxmemory-policy allkeys-lfu", "+OK\r\n"},
    {"OBJECT IDLETIME s1",
     "-ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when "
     "switching between policies at runtime LRU and LFU data will take some time to adjust.\r\n"},
    {"CONFIG SET maxmemory-policy noeviction", "+OK\r\n"},
    {"CONFIG SET maxmemory x", "-ERR CONFIG SET failed (possibly related to argument 'maxmemory') "
                               "- argument must be a memory value\r\n"},
    {"CONFIG GET maxmemory-sam*", "*2\r\n$17\r\nmaxmemory-samples\r\n$1\r\n5\r\n"},
    {"NOSUCH a b", "-ERR unknown command 'NOSUCH', with args beginning with: 'a' 'b' \r\n"},
    {"GET", "-ERR wrong number of arguments for 'get' command\r\n"},
    {"CONFIG FOO", "-ERR unknown subcommand 'FOO'. Try CONFIG HELP.\r\n"},
    {"COMMAND COUNT x", "-ERR wrong number of arguments for 'command|count' command\r\n"},
    {"COMMAND INFO nosuch", "*1\r\n$-1\r\n"},
    {"config|get maxmemory",
     "-ERR unknown command 'config|get', with args beginning with: 'maxmemory' \r\n"},
    {"ECHO \"a\\x41\\n\\\"b\"", "$5\r\naA\n\"b\r\n"},
    {"ECHO 'it\\'s'", "$4\r\nit's\r\n"},
    {"PING", "+PONG\r\n"},
    {"PING hello", "$5\r\nhello\r\n"},
    {"PING a b", "-ERR wrong number of arguments for 'ping' command\r\n"},
};

static u32 failed, count;

static void judge(const char *what, bool right) {
    count++;
    if (right) return;
    printf("%s: answered %.200s\n", what, reply_text);
    failed++;
}

static void converse(void) {
    struct ferrite *cache = new_cache(1 << 20, POLICY_NOEVICTION);
    struct ferrite_io *io = ferrite_io(cache);
    for (u32 i = 0; i < COUNT_OF(exchanges); i++) {
        const struct exchange *exchange = &exchanges[i];
        size_t bytes = (size_t)sprintf((char *)io->request, "%s\r\n", exchange->line);
        reply_bytes = 0;
        CHECK(ferrite_run(cache, 0, bytes, FERRITE_RESP2, (double)now_ms) == FERRITE_OK);
        take_piece(io);
        check_store(cache);
        judge(exchange->line, replied(reply_text, exchange->reply));
    }
    free(cache);
}

static u64 number_in(const char *reply) {
    return *reply == ':' ? strtoull(reply + 1, NULL, 10) : 0;
}

/* --- what Redis answers in figures of its own, or not at all ------------------------------------
 */

static void figures(void) {
    enum { ITEMS = 2000 };
    struct ferrite *cache = new_cache(1 << 20, POLICY_ALLKEYS_LFU);
    char item[32];
    u32 before = store_used_bytes(&cache->store);
    for (u32 i = 0; i < ITEMS; i++) {
        sprintf(item, "item:%u", i);
        ask(cache, "HSET", "hash", item, item, NULL);
    }
    u64 bytes = number_in(ask(cache, "MEMORY", "USAGE", "hash", NULL));
    u64 taken = store_used_bytes(&cache->store) - before;
    judge("MEMORY USAGE of a large hash", bytes > taken * 9 / 10 && bytes < taken * 11 / 10);
    judge("MEMORY USAGE as asked of samples",
          number_in(ask(cache, "MEMORY", "USAGE", "hash", "SAMPLES", "5", NULL)) == bytes);
    ask(cache, "SET", "used", "v", NULL);
    ask(cache, "SET", "unused", "v", NULL);
    for (u32 i = 0; i < 2000; i++) ask(cache, "GET", "used", NULL);
    u64 used = number_in(ask(cache, "OBJECT", "FREQ", "used", NULL));
    u64 unused = number_in(ask(cache, "OBJECT", "FREQ", "unused", NULL));
    judge("OBJECT FREQ", used > unused && unused && used <= 255);
    judge("OBJECT FREQ of no key", replied(ask(cache, "OBJECT", "FREQ", "none", NULL), "$-1\r\n"));
    ask(cache, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru", NULL);
    judge("OBJECT IDLETIME", *ask(cache, "OBJECT", "IDLETIME", "unused", NULL) == ':');
    judge("OBJECT IDLETIME of no key",
          replied(ask(cache, "OBJECT", "IDLETIME", "none", NULL), "$-1\r\n"));
    ask(cache, "HSET", "timed", "f", "v", NULL);
    judge("HEXPIRE",
          replied(ask(cache, "HEXPIRE", "timed", "9", "FIELDS", "1", "f", NULL), "*1\r\n:1\r\n"));
    judge("the encoding of a small hash with expiries",
          replied(ask(cache, "OBJECT", "ENCODING", "timed", NULL), "$10\r\nlistpackex\r\n"));
    judge("HEXPIRE of fewer fields than said",
          replied(ask(cache, "HEXPIRE", "timed", "9", "FIELDS", "2", "f", NULL),
                  "-ERR The `numfields` parameter must match the number of arguments\r\n"));
    judge("HPEXPIREAT beyond any time",
          replied(ask(cache, "HPEXPIREAT", "timed", "70368744177664", "FIELDS", "1", "f", NULL),
                  "-ERR invalid expire time in 'hpexpireat' command\r\n"));
    judge("MEMORY STATS", *ask(cache, "MEMORY", "STATS", NULL) == '*');
    judge("INFO of a section", strstr(ask(cache, "INFO", "memory", NULL), "# Memory\r\n") != NULL);
    judge("INFO of no section", replied(ask(cache, "INFO", "nosuch", NULL), "$0\r\n\r\n"));
    check_store(cache);
    free(cache);
}

/* A rate is limited as long as its times fit. */
static void far_times(void) {
    struct ferrite *cache = new_cache(1 << 20, POLICY_NOEVICTION);
    i64 then = now_ms;
    judge("CL.THROTTLE", replied(ask(cache, "CL.THROTTLE", "t", "1", "1", "9", NULL),
                                 "*5\r\n:0\r\n:2\r\n:1\r\n:-1\r\n:9\r\n"));
    ask(cache, "SET", "t", "9223372036854775807", NULL);
    judge("CL.THROTTLE of a state beyond its own",
          replied(ask(cache, "CL.THROTTLE", "t", "1", "1", "9", NULL),
                  "*5\r\n:1\r\n:2\r\n:0\r\n:1152921496\r\n:1152921505\r\n"));
    now_ms = (1ll << 53) - 1;
    judge("CL.THROTTLE at the end of time",
          replied(ask(cache, "CL.THROTTLE", "t", "1", "1", "9", NULL),
                  "-ERR invalid expire time in 'cl.throttle' command\r\n"));
    now_ms = then;
    free(cache);
}

/* Replies that leave in pieces are whole. */
static void long_replies(void) {
    enum { KEYS = 3000 };
    static char name[3000];
    struct ferrite *cache = new_cache(8 << 20, POLICY_NOEVICTION);
    char header[32];
    size_t bytes = 0;
    for (u32 i = 0; i < KEYS; i++) {
        u32 len = i % 100 ? 8 : 2000 + i % 999;
        memset(name, 'k', len);
        sprintf(name + len, "%u", i);
        CHECK(replied(ask(cache, "SET", name, "v", NULL), "+OK\r\n"));
        bytes += strlen(name) + 2 + (size_t)sprintf(header, "$%zu\r\n", strlen(name));
    }
    sprintf(header, "*%u\r\n", KEYS);
    const char *all = ask(cache, "KEYS", "k*", NULL);
    judge("KEYS of many", strncmp(all, header, strlen(header)) == 0);
    judge("KEYS of many, in length", reply_bytes == bytes + strlen(header));
    ask(cache, "SCAN", "0", "COUNT", "100000", "TYPE", "string", NULL);
    judge("SCAN of many", strncmp(reply_text, "*2\r\n$1\r\n0\r\n", 11) == 0);
    judge("SCAN of many, in length", reply_bytes == bytes + strlen(header) + 11);
    judge("SCAN of another type",
          replied(ask(cache, "SCAN", "0", "COUNT", "100000", "TYPE", "list", NULL),
                  "*2\r\n$1\r\n0\r\n*0\r\n"));
    free(cache);
}

/* What is no request is answered once, and the host is told to close the connection. */
static void broken_protocol(void) {
    enum { LINE = 65540 };
    static const struct exchange broken[] = {
        {"*x\r\n", "-ERR Protocol error: invalid multibulk length\r\n"},
        {"*2147483648\r\n", "-ERR Protocol error: invalid multibulk length\r\n"},
        {"*1\r\n$-1\r\n", "-ERR Protocol error: invalid bulk length\r\n"},
        {"*1\r\n$536870913\r\n", "-ERR Protocol error: invalid bulk length\r\n"},
        {"*1\r\n:1\r\n", "-ERR Protocol error: expected '$', got ':'\r\n"},
        {"PING \"a\r\n", "-ERR Protocol error: unbalanced quotes in request\r\n"},
        {"PING 'a'b\r\n", "-ERR Protocol error: unbalanced quotes in request\r\n"},
    };
    static const struct exchange endless[] = {
        {"a", "-ERR Protocol error: too big inline request\r\n"},
        {"*1", "-ERR Protocol error: too big mbulk count string\r\n"},
        {"*1\r\n$1", "-ERR Protocol error: too big bulk count string\r\n"},
    };
    static const struct exchange harmless[] = {
        {"*0\r\n*-1\r\n\r\nPING\r\n", "+PONG\r\n"},
        {"ECHO \"\\x4\\xg0\\x0g\\x41\"\r\n", "$9\r\nx4xg0x0gA\r\n"},
        {"ECHO a\vb\r\n", "$3\r\na\vb\r\n"},
        {"*1\r\n$0\r\n\r\n", "-ERR unknown command '', with args beginning with: \r\n"},
        {"*2\r\n$3\r\nG\rT\r\n$2\r\nx\n\r\n",
         "-ERR unknown command 'G T', with args beginning with: 'x ' \r\n"},
    };
    struct ferrite *cache = new_cache(1 << 20, POLICY_NOEVICTION);
    struct ferrite_io *io = ferrite_io(cache);
    CHECK(ferrite_request(cache, LINE + 64, (double)now_ms) == FERRITE_OK);
    for (u32 i = 0; i < COUNT_OF(broken) + COUNT_OF(endless) + COUNT_OF(harmless); i++) {
        u32 long_one = i - COUNT_OF(broken);
        const struct exchange *exchange = i < COUNT_OF(broken) ? &broken[i]
                                          : long_one < COUNT_OF(endless)
                                              ? &endless[long_one]
                                              : &harmless[long_one - COUNT_OF(endless)];
        size_t bytes = strlen(exchange->line);
        memset(io->request, '1', LINE + 64);
        memcpy(io->request, exchange->line, bytes);
        if (long_one < COUNT_OF(endless)) bytes += LINE;
        reply_bytes = 0;
        enum ferrite_status status = ferrite_run(cache, 0, bytes, FERRITE_RESP2, (double)now_ms);
        take_piece(io);
        bool is_broken = long_one < COUNT_OF(endless) || i < COUNT_OF(broken);
        judge(exchange->line, status == (is_broken ? FERRITE_PROTOCOL : FERRITE_OK) &&
                                  replied(reply_text, exchange->reply));
    }
    check_store(cache);
    free(cache);
}

/* Which line of the command table has that name, in any case of letters; as simply as can be. */
static const struct command *named(struct call *call, const char *word, size_t len) {
    for (u32 line = 0; line < COMMAND_COUNT; line++) {
        const char *name = command_name(call, &command_table[line]);
        if (strlen(name) == len && strncasecmp(name, word, len) == 0) return &command_table[line];
    }
    return NULL;
}

/* Each name in upper case, with each byte replaced by any other, without its last, with one more.
 */
static void names(void) {
    struct ferrite *cache = new_cache(1 << 20, POLICY_NOEVICTION);
    struct call *call = call_of(cache);
    u32 wrong = 0, found = 0;
    for (u32 line = 0; line < COMMAND_COUNT; line++) {
        char word[32] = "";
        const char *name = command_name(call, &command_table[line]);
        size_t len = strlen(name);
        for (size_t i = 0; i < len; i++) word[i] = (char)toupper(name[i]);
        for (size_t at = 0; at < len; at++) {
            char kept = word[at];
            for (u32 byte = 0; byte < 256; byte++) {
                word[at] = (char)byte;
                const struct command *is = command_find(call, (struct slice){(u8 *)word, (u32)len});
                wrong += is != named(call, word, len);
                found += is == &command_table[line];
            }
            word[at] = kept;
        }
        for (size_t n = len - 1; n <= len + 1; n += 2)
            wrong += command_find(call, (struct slice){(u8 *)word, (u32)n}) != named(call, word, n);
    }
    reply_text[0] = 0;
    judge("names of commands", wrong == 0 && found > 2 * COMMAND_COUNT);
    free(cache);
}

int main(void) {
    names();
    converse();
    broken_protocol();
    figures();
    far_times();
    long_replies();
    printf("replies: %u passed, %u failed\n", count - failed, failed);
    return failed != 0;
}
