// One row of the table in grammar.mjs: a command, how to make one up, and what is expected of it.
//
//   command("GETEX", key, options({ PERSIST: [] }))   its name, and generators of its arguments
//     .answers("ERR syntax error")   the errors it may answer, beside the wrong number of arguments
//     .judgedBy(rules.unordered)     when two replies agree (byte for byte)
//     .behind(generator)             commands to send ahead of it; the rule sees the first one's reply
//     .weighs(2)                     how often it comes (1)
//     .unspoilt()                    its arguments are not to be left out, doubled or exchanged
//     .ofAnyLength()                 it has no wrong number of arguments
//     .inVain()                      it never succeeds
//     .toTheEnd()                    its reply has a cursor, to be followed
//     .atOnce()                      redis, which would wait, is asked within MULTI and EXEC

import { exact } from "./rules.mjs";

class Command {
  constructor(name, args) {
    this.name = name;
    this.words = name.startsWith("(") ? [] : name.split(" ");
    this.args = args.map((arg) => (typeof arg === "string" ? () => arg : arg));
    this.options = args.flatMap((arg) => arg.options ?? []);
    const title = name.toLowerCase().replace(" ", "|");
    this.errors = [`ERR wrong number of arguments for '${title}' command`];
    this.compare = exact;
    this.before = [];
    this.weight = 1;
    this.maySpoil = true;
    this.maySucceed = true;
    this.iterates = false;
    this.mayWait = false;
  }

  answers(...errors) {
    this.errors.push(...errors);
    return this;
  }

  judgedBy(rule) {
    this.compare = rule;
    return this;
  }

  behind(...generators) {
    this.before = generators;
    return this;
  }

  weighs(weight) {
    this.weight = weight;
    return this;
  }

  unspoilt() {
    this.maySpoil = false;
    return this;
  }

  ofAnyLength() {
    this.errors.shift();
    return this;
  }

  inVain() {
    this.maySucceed = false;
    return this;
  }

  atOnce() {
    this.mayWait = true;
    return this;
  }

  toTheEnd() {
    this.iterates = true;
    return this.unspoilt();
  }
}

export const command = (name, ...args) => new Command(name, args);
