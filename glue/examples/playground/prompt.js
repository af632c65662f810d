/*
 * The prompt: lines in, replies out as redis-cli shows them; history, completion and help.
 */
import { completions, helpOf } from "./help.js";
import { formatReply, parseReply } from "./reply.js";
import { encodeRequest, splitWords } from "./words.js";

const MOST_LINES = 400; // of the log
const MOST_LETTERS = 20_000; // of a reply

const EXAMPLES = [
  "SET greeting hello EX 60",
  "HSET user:1 name Ada born 1815",
  "ZADD board 12 ada 7 grace 9 alan\nZRANGE board 0 -1 REV WITHSCORES",
  "INFO memory",
];

export class Prompt {
  #log = document.getElementById("log");
  #line = document.getElementById("line");
  #help = document.getElementById("help");
  #history = [];
  #at = 0; // in the history
  #draft = "";
  #resp = 2;

  /** `ask(bytes, resp)` takes a request's bytes and gives the reply's. */
  constructor(ask) {
    this.ask = ask;
    this.#line.addEventListener("keydown", (event) => this.#press(event));
    this.#line.addEventListener("input", () => this.#showHelp());
    this.#line.addEventListener("paste", (event) => this.#paste(event));
    for (const choice of document.querySelectorAll("input[name=resp]"))
      choice.addEventListener("change", () => (this.#resp = Number(choice.value)));
    this.#welcome();
    this.#showHelp();
  }

  /** A line of the page's own in the log; the last of several, one behind another, stays. */
  note(text) {
    if (this.#log.lastElementChild?.className === "note") this.#log.lastElementChild.remove();
    this.#write("note", text);
  }

  run(line) {
    this.#log.querySelector(".welcome")?.remove();
    this.#write("asked", line);
    if (line !== this.#history.at(-1)) this.#history.push(line);
    this.#at = this.#history.length;
    const words = splitWords(line);
    if (!words) return this.#write("error", "Invalid argument(s)"); // as redis-cli has it
    const name = new TextDecoder().decode(words[0]).toLowerCase();
    if (name === "help") return this.#answerHelp(words[1]);
    if (name === "clear") return this.#log.replaceChildren();
    this.#answer(name, words);
  }

  #answer(name, words) {
    const reply = parseReply(this.ask(encodeRequest(words), this.#resp));
    const text = formatReply(reply, name === "info");
    const rest = text.length - MOST_LETTERS;
    this.#write(reply.type === "-" ? "error" : "reply", text.slice(0, MOST_LETTERS).trimEnd());
    if (rest > 0) this.note(`and ${rest} characters more`);
  }

  #answerHelp(word) {
    const help = word && helpOf(new TextDecoder().decode(word));
    if (help) this.note(`${help.name} ${help.syntax}\n${help.summary}`);
    else this.note("HELP command; Tab completes, arrows go through what was typed, CLEAR clears.");
  }

  #write(kind, text) {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    const line = Object.assign(document.createElement("pre"), {
      className: kind,
      textContent: text,
    });
    this.#log.append(line);
    while (this.#log.childElementCount > MOST_LINES) this.#log.firstElementChild.remove();
    const wasAtEnd = scrollHeight - scrollTop - clientHeight < 40;
    if (wasAtEnd || kind === "asked") this.#log.scrollTop = this.#log.scrollHeight;
  }

  #welcome() {
    const welcome = Object.assign(document.createElement("div"), { className: "welcome" });
    const text = "Type a Redis command; a script of several lines can be pasted. To begin with:";
    const examples = Object.assign(document.createElement("div"), { className: "examples" });
    for (const example of EXAMPLES) {
      const button = Object.assign(document.createElement("button"), { type: "button" });
      button.textContent = example.split("\n").join(" ↵ ");
      button.addEventListener("click", () => {
        this.#runAll(example);
        this.#line.focus();
      });
      examples.append(button);
    }
    welcome.append(Object.assign(document.createElement("p"), { textContent: text }), examples);
    this.#log.append(welcome);
  }

  /* --- the line ------------------------------------------------------------------------------- */

  #press(event) {
    if (event.isComposing) return;
    const keys = {
      Enter: () => {
        const text = this.#line.value;
        this.#set("");
        this.#runAll(text);
      },
      ArrowUp: () => this.#recall(-1),
      ArrowDown: () => this.#recall(1),
      Tab: () => this.#complete(),
      Escape: () => this.#set(""),
    };
    // With nothing to complete, Tab goes on to what is next on the page.
    if (event.key === "Tab" && (event.shiftKey || !this.#completion())) return;
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  #paste(event) {
    const text = event.clipboardData.getData("text/plain");
    if (!/\n./.test(text.trim())) return;
    event.preventDefault();
    const line = this.#line;
    const whole =
      line.value.slice(0, line.selectionStart) + text + line.value.slice(line.selectionEnd);
    this.#set("");
    this.#runAll(whole);
  }

  // A script: a command a line; lines that begin with # are comments.
  #runAll(text) {
    for (const line of text.split(/\r?\n/)) if (/^\s*[^#\s]/.test(line)) this.run(line.trim());
  }

  #recall(step) {
    if (this.#at === this.#history.length) this.#draft = this.#line.value;
    this.#at = Math.min(Math.max(this.#at + step, 0), this.#history.length);
    this.#set(this.#history[this.#at] ?? this.#draft);
  }

  #set(text) {
    this.#line.value = text;
    this.#line.setSelectionRange(text.length, text.length);
    if (text === "") this.#at = this.#history.length;
    this.#showHelp();
  }

  #completion() {
    const text = this.#line.value;
    if (/\s/.test(text)) return null;
    const found = completions(text);
    return found.length && (found.length > 1 || found[0] !== text.toLowerCase()) ? found : null;
  }

  // As far as all that fit agree; then their names are in the help.
  #complete() {
    const found = this.#completion();
    let length = found[0].length;
    while (!found.every((name) => name.startsWith(found[0].slice(0, length)))) length--;
    this.#set(found[0].slice(0, length).toUpperCase() + (found.length === 1 ? " " : ""));
  }

  #showHelp() {
    const text = this.#line.value.trimStart();
    const [word] = text.split(/\s/);
    const help = helpOf(word);
    const found = completions(word);
    const typed = text.length > word.length;
    if (help && (typed || found.length === 1)) return this.#writeHelp(help);
    if (found.length && !typed) return this.#writeNames(found, help);
    if (word && !["help", "clear"].includes(word.toLowerCase()))
      return this.#helpLines(`${word}: no command of that name`);
    this.#helpLines("Enter runs, Tab completes, arrows recall");
  }

  #writeNames(found, help) {
    const names = found.map((name) => name.toUpperCase()).join("  ");
    this.#helpLines(names, help ? `${help.name}: ${help.summary}` : "");
  }

  #writeHelp({ name, syntax, summary }) {
    if (!this.#facts.has(name)) this.#facts.set(name, this.#factsOf(name));
    this.#helpLines(syntax, summary, this.#facts.get(name), name);
  }

  // Arity and flags, which the module is asked for once.
  #factsOf(name) {
    const words = ["COMMAND", "INFO", name].map((word) => new TextEncoder().encode(word));
    const [, arity, flags] = parseReply(this.ask(encodeRequest(words), 2)).value[0].value;
    return [arityText(Number(arity.value)), ...flags.value.map(({ value }) => value)].join(", ");
  }
  #facts = new Map();

  #helpLines(first, second = "", third = "", name = "") {
    const lines = [first, second, third].map((text) =>
      Object.assign(document.createElement("div"), { textContent: text }),
    );
    if (name)
      lines[0].prepend(Object.assign(document.createElement("b"), { textContent: `${name} ` }));
    this.#help.replaceChildren(...lines);
  }
}

const arityText = (arity) =>
  arity < 0 ? `${-arity} words or more` : `${arity} word${arity === 1 ? "" : "s"}`;
