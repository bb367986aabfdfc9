/** One command of a line for the shell, without redirections and variables set before it. */
export type Words = readonly string[];

interface Reading {
  readonly commands: string[][];
  words: string[];
  word: string | undefined;
}

/**
 * The commands of a script, each as words: joined lines, quotes, `|`, `&&`, `;`, `$(…)` and comments
 * are understood, nothing is expanded.
 */
export function commandsIn(script: string): Words[] {
  const text = script.replace(/\\\n/g, " ");
  const reading: Reading = { commands: [], words: [], word: undefined };
  let quote = "";
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index] ?? "";
    if (quote !== "") {
      if (char === quote) quote = "";
      else reading.word = (reading.word ?? "") + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      reading.word ??= "";
    } else if (char === "#" && reading.word === undefined) {
      while (index < text.length && text[index] !== "\n") index += 1;
      endCommand(reading);
    } else if (char === "$" && text[index + 1] === "(") {
      endCommand(reading);
      index += 1;
    } else if ("\n;|&()".includes(char) && !isRedirection(text, index)) {
      endCommand(reading);
    } else if (/\s/.test(char)) {
      endWord(reading);
    } else {
      reading.word = (reading.word ?? "") + char;
    }
  }
  endCommand(reading);
  return reading.commands.map(cleaned).filter((words) => words.length > 0);
}

/** `2>&1` is no end of a command. */
function isRedirection(text: string, index: number): boolean {
  return text[index] === "&" && (text[index - 1] === ">" || text[index + 1] === ">");
}

function endWord(reading: Reading): void {
  if (reading.word !== undefined) reading.words.push(reading.word);
  reading.word = undefined;
}

function endCommand(reading: Reading): void {
  endWord(reading);
  if (reading.words.length > 0) reading.commands.push(reading.words);
  reading.words = [];
}

function cleaned(words: readonly string[]): string[] {
  const redirected = words.filter(
    (word, index) => !/^\d*[<>]/.test(word) && !/^\d*[<>]{1,2}$/.test(words[index - 1] ?? ""),
  );
  const first = redirected.findIndex(
    (word) =>
      !/^[A-Za-z_]\w*=/.test(word) && !["!", "export", "if", "then", "while", "do"].includes(word),
  );
  return first === -1 ? [] : redirected.slice(first);
}
