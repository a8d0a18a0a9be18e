import { z } from 'zod'
import { Problem } from '../problem.ts'
import type { Store } from './store.ts'

/** Words and values under a name, to be put on any prompt. */
export const Style = z.object({
  name: z.string().trim().min(1).max(80),
  /** `{prompt}` in it stands for the person's own words; without it they come first. */
  prompt: z.string().max(20_000).default(''),
  negative: z.string().max(20_000).default(''),
  /** Values of the operation's parameters, by their names. */
  parameters: z.record(z.string(), z.unknown()).default({}),
})
export type Style = z.infer<typeof Style>

const KEY = 'styles'
const MOST = 2000

/** The styles of a person, among the settings. Names are equal whatever their capitals. */
export class Styles {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** By their names. What this release does not understand is left out. */
  list(): Style[] {
    return this.#read().sort((a, b) => a.name.localeCompare(b.name))
  }

  /** @throws Problem STYLE_UNKNOWN with the names that there are */
  get(name: string): Style {
    const all = this.list()
    const found = all.find(style => isCalled(style, name))
    if (found) return found
    const names = all.slice(0, 20).map(style => style.name)
    throw new Problem('STYLE_UNKNOWN', `There is no style ${JSON.stringify(name)} in the library.`, {
      hint: names.length === 0 ? 'Save one in the Studio first.' : `There are ${names.join(', ')}.`,
    })
  }

  /** Adds styles; one of the same name is replaced. @throws Problem STYLES_MANY */
  save(styles: readonly Style[]): Style[] {
    return this.#change(known => {
      const kept = known.filter(each => !styles.some(style => isCalled(style, each.name)))
      const last = styles.filter((style, k) => !styles.slice(k + 1).some(later => isCalled(later, style.name)))
      return [...kept, ...last]
    })
  }

  remove(name: string): Style[] {
    return this.#change(known => known.filter(style => !isCalled(style, name)))
  }

  #change(change: (known: Style[]) => Style[]): Style[] {
    this.#store.transaction(() => {
      const styles = change(this.#read())
      if (styles.length > MOST) throw new Problem('STYLES_MANY', `A library holds ${MOST} styles, and no more.`)
      this.#store.run(
        'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
        [KEY, JSON.stringify(styles)],
      )
    })
    return this.list()
  }

  #read(): Style[] {
    const row = this.#store.get<{ value: string }>('SELECT value FROM settings WHERE key = ?', [KEY])
    const values: unknown = row === undefined ? [] : JSON.parse(row.value)
    if (!Array.isArray(values)) return []
    return values.flatMap(value => {
      const { success, data } = Style.safeParse(value)
      return success ? [data] : []
    })
  }
}

const isCalled = (style: Style, name: string): boolean => style.name.toLowerCase() === name.trim().toLowerCase()

/** Reads the AUTOMATIC1111 web UI's styles.csv: `name,prompt,negative_prompt`, where older ones call the second column `text`. Rows without
 *  any words only divide its list. @throws Problem STYLES_FILE */
export function readStyles(csv: string): Style[] {
  const [head = [], ...rows] = rowsOf(csv.replace(/^\ufeff/, ''))
  const names = head.map(name => name.trim().toLowerCase())
  const columns = [names.indexOf('name'), Math.max(names.indexOf('prompt'), names.indexOf('text'))]
  if (columns.some(column => column < 0)) {
    throw new Problem('STYLES_FILE', 'This file holds no styles: its first line does not name "name" and "prompt".', {
      hint: 'Choose the styles.csv of the AUTOMATIC1111 web UI.',
    })
  }
  const [name, prompt] = columns
  const negative = names.indexOf('negative_prompt')
  return rows.flatMap(row => {
    const { success, data } = Style.safeParse({
      ...{ name: row[name], prompt: row[prompt] ?? '', negative: row[negative] ?? '' },
    })
    return success && `${data.prompt}${data.negative}`.trim() !== '' ? [data] : []
  })
}

/** Values separated by commas (RFC 4180): in quotes they may hold commas, line breaks and doubled quotes. */
function rowsOf(csv: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, after] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain)
    if (after !== ',' && after !== '') rows.push([])
  }
  return rows.filter(row => row.some(value => value !== ''))
}
