/** A search as a person types it, taken apart. */
export interface Search {
  /** Words that the prompt must contain (the beginning of a word is enough), and quoted phrases. */
  readonly words: readonly string[]
  readonly seeds: readonly string[]
  readonly models: readonly string[]
  readonly samplers: readonly string[]
  /** Tags that it must have, whole, whatever their capitals. */
  readonly tags: readonly string[]
  /** Ratings that it must have at least. */
  readonly ratings: readonly string[]
  /** Days, months or years in which it was made (dates.ts). */
  readonly dates: readonly string[]
  /** Those after and before which it was made. */
  readonly after: readonly string[]
  readonly before: readonly string[]
  /** Colours of which it must have much: `#rrggbb`. */
  readonly colours: readonly string[]
  /** Ids of pictures that it must look like. */
  readonly similar: readonly string[]
}

const PART = /(?:(seed|model|sampler|tag|rating|date|after|before|colour|similar):)?(?:"([^"]*)"?|(\S+))/giu

/** Reads `fox "blue hat" seed:7 model:"Sticker World" sampler:ddim tag:night rating:3 date:2026-11 colour:#3a7bd5 similar:ID`; anything that is no such token is a word.
 *  Never fails. */
export function parseSearch(text: string): Search {
  const found: Record<'words' | Field, string[]> = {
    ...{ words: [], seed: [], model: [], sampler: [], tag: [], rating: [] },
    ...{ date: [], after: [], before: [], colour: [], similar: [] },
  }
  for (const [, field, quoted, plain] of text.matchAll(PART)) {
    const value = (quoted ?? plain ?? '').trim()
    if (value === '') continue
    const name = field?.toLowerCase()
    if (name !== undefined && isField(name)) found[name].push(value)
    else found.words.push(value)
  }
  const { words, seed, model, sampler, tag, rating, date, after, before, colour, similar } = found
  return {
    words,
    seeds: seed,
    models: model,
    samplers: sampler,
    tags: tag,
    ratings: rating,
    dates: date,
    after,
    before,
    colours: colour,
    similar,
  }
}

const fields = ['seed', 'model', 'sampler', 'tag', 'rating', 'date', 'after', 'before', 'colour', 'similar'] as const
type Field = (typeof fields)[number]
const isField = (name: string): name is Field => fields.some(field => field === name)

/** The words as a query of SQLite's FTS5: all of them, each as the beginning of a word; undefined when there is none to look for. */
export function fullTextQuery(words: readonly string[]): string | undefined {
  const phrases = words.filter(word => /[\p{L}\p{N}]/u.test(word)).map(word => `"${word.replaceAll('"', '""')}"*`)
  return phrases.length === 0 ? undefined : phrases.join(' AND ')
}

/** A pattern of SQL's LIKE (with `\` as its escape) for "contains". */
export const containing = (text: string): string => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`
