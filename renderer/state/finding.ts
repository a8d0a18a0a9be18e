/** Which kind of thing a query is narrowed to by its first letter. */
export type Kind = 'settings' | 'actions' | 'pictures' | 'models'

const PREFIXES: Readonly<Record<string, Kind>> = { '>': 'actions', '#': 'pictures', '@': 'models' }

/** A query without its prefix, and what the prefix narrows it to. */
export function readQuery(typed: string): { words: string; only?: Kind } {
  const only = PREFIXES[typed.charAt(0)]
  return { words: (only === undefined ? typed : typed.slice(1)).trim(), only }
}

/** How well a title fits words: 0 not at all; best when a word stands at its beginning. All words must occur. */
export function fits(title: string, words: string): number {
  const text = title.toLowerCase()
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '')
  if (wanted.length === 0) return 1
  let score = 0
  for (const word of wanted) {
    const at = text.indexOf(word)
    if (at === -1) return 0
    score += at === 0 ? 3 : /\s/.test(text.charAt(at - 1)) ? 2 : 1
  }
  return score
}

/** A title in pieces, those that were typed marked. */
export function marked(title: string, words: string): { text: string; hit: boolean }[] {
  const wanted = words.split(/\s+/).filter(word => word !== '')
  if (wanted.length === 0) return [{ text: title, hit: false }]
  const pattern = new RegExp(`(${wanted.map(word => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`, 'ig')
  return title
    .split(pattern)
    .map((text, index) => ({ text, hit: index % 2 === 1 }))
    .filter(({ text }) => text !== '')
}
