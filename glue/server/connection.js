/*
 * A connection: what its client has chosen, and which way its commands go.
 *
 * What the module does alone is not looked at closely: a run of such commands goes to it in one
 * piece, as it lies in what was read. Every other command ends a run and is handled by itself: one
 * of the server's own, one that may let a blocked client go on, since that is to be served right
 * after it, and all of a client that is in a transaction, tracks keys, or the like.
 */
import { FerriteError } from "../error.js";
import { answerListener, Subscriptions } from "./channels.js";
import { COMMAND, Framing, LINE, MALFORMED, UNFINISHED } from "./framing.js";
import { answerMonitor } from "./monitor.js";
import { Output } from "./output.js";
import { error } from "./replies.js";
import { abortExec, Transaction } from "./transactions.js";
import { readWords, writeWords } from "./words.js";

const UNREAD_BYTES = 64 * 1024; // kept for a client that has to wait, before it is not read from
const UNSENT_BYTES = 1024 * 1024; // by how much a client may be late in reading, before it waits

// Once a run has begun, all of its replies have to be taken: so it has not too many commands, and
// but one when the replies to those before were large.
const RUN_MOST = 64;
const LARGE_BYTES = 256 * 1024;

// What a transaction does not queue.
const NOT_QUEUED = new Set("discard exec host: multi post quit reset watch".split(" "));
const QUEUED = "+QUEUED\r\n";
const FROM_MODULE = Symbol("the module's words for what is wrong");

export class Connection {
  resp = 2;
  name = "";
  library = { name: "", version: "" };
  replies = "on"; // "off"; "skip": from the next on, "skipping": of this one
  isProtected = false; // CLIENT NO-EVICT, which is but shown: no client is evicted
  command = null; // the last
  transaction = new Transaction();
  wait = null; // what it is blocked for: see blocking.js
  tracking = null; // see tracking.js
  subscriptions = new Subscriptions(); // see channels.js
  isListening = false; // has it any?
  isMonitor = false; // see monitor.js
  inExec = false; // is it in the middle of EXEC?
  isHeld = false; // by CLIENT PAUSE
  isClosing = false; // nothing more is read

  #output = new Output();
  #pushes = ""; // that wait for the end of EXEC
  #isQueued = false; // to be flushed
  #most = 1; // commands of the next run
  #isLate = false;
  #isRead = true;
  #take = (memory, start, end) => this.#keep(memory, start, end);

  /** @param path of the Unix socket it came to, or undefined */
  constructor(server, socket, id, path) {
    this.server = server;
    this.socket = socket;
    this.id = id;
    this.framing = new Framing(server.config.limits);
    this.isTrusted = server.config.password === "";
    this.createdAt = this.activeAt = server.now();
    this.isLocal = path !== undefined;
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    this.address = this.isLocal ? `${path}:0` : endpoint(remoteAddress, remotePort);
    this.localAddress = this.isLocal ? `${path}:0` : endpoint(localAddress, localPort);
    socket.on("data", (chunk) => server.during(() => this.#receive(chunk)));
    socket.on("drain", () => server.during(() => this.#catchUp()));
    socket.on("close", () => server.during(() => server.forget(this)));
    socket.on("error", () => {}); // "close" follows
  }

  /** Has it given the password, or is there none? */
  get isTrusted() {
    return !this.framing.isStranger;
  }

  set isTrusted(isTrusted) {
    this.framing.isStranger = !isTrusted;
  }

  /* --- in ------------------------------------------------------------------------------------- */

  #receive(chunk) {
    if (this.isClosing) return;
    const { server, framing } = this;
    this.activeAt = server.now();
    server.stats.bytesIn += chunk.length;
    framing.append(chunk);
    if (framing.waiting > server.config.limits.queryBytes) this.close();
    else this.process();
  }

  #catchUp() {
    this.#isLate = false;
    this.process();
  }

  get #mayGoOn() {
    return this.wait === null && !this.isHeld && !this.#isLate && !this.isClosing;
  }

  // May the module be given runs of commands?
  get #isPlain() {
    return (
      this.isTrusted &&
      this.replies === "on" &&
      !this.isListening &&
      this.tracking === null &&
      !this.transaction.isOpen &&
      !this.server.pausing.isOn &&
      !this.server.monitors.isNeeded
    );
  }

  /** Does what was read, as far as that can be done now. */
  process() {
    const { framing } = this;
    while (this.#mayGoOn && this.#step());
    framing.release();
    const isRead = this.#mayGoOn || (!this.#isLate && framing.waiting < UNREAD_BYTES);
    if (isRead === this.#isRead) return;
    this.#isRead = isRead;
    if (isRead) this.socket.resume();
    else this.socket.pause();
  }

  // A run of commands, or one that is none of it. False: there are no more.
  #step() {
    const { framing, server } = this;
    if (this.#isPlain && this.#runMany()) return true;
    const found = framing.next();
    if (found === UNFINISHED) return false;
    if (found === MALFORMED) {
      this.#refuse(framing.error);
    } else if (found === LINE) {
      if (framing.words.length > 0) this.#handleLine(framing.words);
    } else if (framing.count > 0) {
      const { bytes, start, at, nameAt, nameEnd } = framing;
      this.#handle(server.table.find(bytes, nameAt, nameEnd), bytes, start, at);
    }
    return true;
  }

  // Gives the module the commands that come next and are all its own; were there any?
  #runMany() {
    const { framing, server } = this;
    let count = 0;
    let start = 0;
    let end = 0;
    while (count < this.#most) {
      const found = framing.next();
      if (found === UNFINISHED) break;
      if (found === COMMAND && framing.count === 0) continue;
      const command =
        found === COMMAND
          ? server.table.find(framing.bytes, framing.nameAt, framing.nameEnd)
          : null;
      const { bytes, start: at } = framing;
      if (found !== COMMAND || command?.isOwn || server.blocking.isAwaited(command, bytes, at)) {
        framing.stepBack();
        break;
      }
      if (count++ === 0) start = framing.start;
      end = framing.at;
      this.command = command;
    }
    if (count === 0) return false;
    server.stats.commands += count;
    const before = this.#output.bytes;
    this.#run(framing.bytes, start, end);
    this.#most = this.#output.bytes - before > LARGE_BYTES ? 1 : Math.min(this.#most * 2, RUN_MOST);
    if (server.tellsAll) server.noteChanges(this);
    return true;
  }

  #refuse(reason) {
    this.write(error(`ERR Protocol error: ${reason}`));
    this.closeSoon();
  }

  // From here on it is as good as an array.
  #handleLine(words) {
    const bytes = writeWords(words);
    const name = Buffer.from(words[0], "latin1");
    this.#handle(this.server.table.find(name, 0, name.length), bytes, 0, bytes.length);
  }

  /* --- commands, one by one ------------------------------------------------------------------- */

  // The command in bytes[start, end).
  #handle(command, bytes, start, end) {
    const { server, transaction } = this;
    server.tracking.limit();
    const words = readWords(bytes, start);
    const known = resolve(command, words);
    const refusal =
      this.#refusal(command, known, words) ??
      answerListener(this, known, words) ??
      answerMonitor(this, known);
    if (refusal === null && server.pausing.holds(this, known)) {
      this.framing.stepBack();
      return;
    }
    this.command = known ?? command;
    server.stats.commands++;
    if (refusal !== null) {
      transaction.spoil();
      if (known?.name === "exec") this.write(abortExec(this, refusal));
      else if (refusal === FROM_MODULE) this.#run(bytes, start, end);
      else this.write(refusal);
    } else if (transaction.isOpen && !NOT_QUEUED.has(known.name)) {
      transaction.queue(known, words, bytes.subarray(start, end));
      if (transaction.bytes > server.config.limits.queryBytes) this.close();
      this.write(QUEUED);
    } else {
      this.perform(known, words, bytes, start, end);
      server.serveBlocked();
    }
    if (this.replies === "skip") this.replies = "skipping";
    else if (this.replies === "skipping") this.replies = "on";
    const isOver = !transaction.isOpen && !known?.name.startsWith("client|");
    if (this.tracking !== null && isOver) this.tracking.cachesNext = false;
  }

  // Why it is not run, in Redis's order: null if it is.
  #refusal(command, known, words) {
    if (known === null || !known.takes(words.length)) {
      if (command === null || !command.isOwn) return FROM_MODULE;
      return known === null ? unknownPart(command, words) : wrongCount(known);
    }
    if (!this.isTrusted && !known.flags.has("no_auth")) {
      return error("NOAUTH Authentication required.");
    }
    if (this.transaction.isOpen && known.flags.has("no_multi")) {
      return error("ERR Command not allowed inside a transaction");
    }
    if (this.transaction.isOpen && this.server.isOverfull && this.transaction.needsRoom(known)) {
      return error("OOM command not allowed when used memory > 'maxmemory'.");
    }
    return null;
  }

  /** Runs a command that is in order. */
  perform(command, words, bytes, start = 0, end = bytes.length) {
    try {
      if (command.run !== null) this.write(command.run(this, words, command));
      else this.#run(bytes, start, end);
    } catch (refusal) {
      // What the server asks the cache by itself may be refused as well: it may be full.
      if (!(refusal instanceof FerriteError) || refusal.code === "BROKEN") throw refusal;
      this.write(error(refusal.message));
    }
    this.server.monitors.show(this, command, words);
    this.server.noteChanges(this);
    this.server.tracking.remember(this, command, words);
  }

  #run(bytes, start, end) {
    const { close } = this.server.cache.pump(bytes, start, end, this.resp, this.#take);
    if (close) this.closeSoon(); // the module finds fault with what passed here
  }

  /* --- out ------------------------------------------------------------------------------------ */

  /** Replies: text in which each unit is a byte. */
  write(text) {
    if (!this.#isMuted) this.#send(text);
  }

  /** Sends what is no reply, but not between the replies of a transaction. */
  push(text) {
    if (this.inExec) this.#pushes += text;
    else this.#send(text);
  }

  endExec() {
    this.inExec = false;
    this.#send(this.#pushes);
    this.#pushes = "";
  }

  #send(text) {
    if (text.length === 0) return;
    this.#output.write(text);
    this.#noteOutput();
  }

  // Of what the module replies; false: there is too much.
  #keep(memory, start, end) {
    if (this.#isMuted) return true;
    this.#output.copy(memory, start, end);
    return this.#noteOutput();
  }

  get #isMuted() {
    return this.replies === "off" || this.replies === "skipping";
  }

  #noteOutput() {
    this.#wantFlush();
    const { unsent } = this;
    if (unsent > UNSENT_BYTES) this.#isLate = true;
    if (unsent <= this.server.config.limits.outputBytes) return true;
    this.server.log(`${this.address} leaves ${unsent} bytes of replies unread: closed`);
    this.close();
    return false;
  }

  #wantFlush() {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.server.toFlush.push(this);
  }

  /** Bytes it has the server keep, about. */
  get memory() {
    return this.framing.bytes.length + this.transaction.bytes + this.unsent;
  }

  /** Bytes that wait to be sent. */
  get unsent() {
    return this.#output.bytes + this.socket.writableLength;
  }

  /** Sends what was written. True: it has all gone at once, and more may be done. */
  flush() {
    const { socket, server } = this;
    this.#isQueued = false;
    if (socket.destroyed) return false;
    server.stats.bytesOut += this.#output.bytes;
    this.#output.flush(socket);
    if (this.isClosing) socket.destroySoon();
    if (!this.#isLate || socket.writableLength > 0) return false;
    this.#isLate = false;
    return true;
  }

  /** When all that was written has been sent. */
  closeSoon() {
    this.isClosing = true;
    this.#wantFlush();
  }

  /** At once. */
  close() {
    this.isClosing = true;
    this.#output.clear();
    this.socket.destroy();
  }
}

// The command, or its subcommand; null if there is no such.
function resolve(command, words) {
  if (command === null || command.parts.size === 0 || words.length === 1) return command;
  return command.parts.get(words[1].toLowerCase()) ?? null;
}

function wrongCount(command) {
  return error(`ERR wrong number of arguments for '${command.name}' command`);
}

function unknownPart(command, words) {
  const name = command.name.toUpperCase();
  return error(`ERR unknown subcommand '${words[1].slice(0, 128)}'. Try ${name} HELP.`);
}

function endpoint(address, port) {
  return address?.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
