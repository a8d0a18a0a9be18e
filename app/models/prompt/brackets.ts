/** What closes a bracket. */
const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/** Brackets of a text that belong together: index of the opening one to index of the closing one. A closing bracket takes the
 *  nearest open one of its kind, and what was opened in between stays alone. What follows a backslash, and lone brackets,
 *  are not among them.
 *  @param kinds the opening brackets that count, such as "([" */
export function matchBrackets(text: string, kinds: string): Map<number, number> {
  const open: { at: number; close: string }[] = []
  const waiting: Record<string, number> = {} // open ones by what closes them, so that a lone closing one costs no search
  const matched = new Map<number, number>()
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '\\') at++
    else if (kinds.includes(character)) {
      const close = closing[character]
      open.push({ at, close })
      waiting[close] = (waiting[close] ?? 0) + 1
    } else if (waiting[character] > 0) {
      let last = open.pop()
      for (; last && last.close !== character; last = open.pop()) waiting[last.close]--
      if (last) matched.set(last.at, at)
      waiting[character]--
    }
  }
  return matched
}
