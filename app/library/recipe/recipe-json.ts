import { Recipe } from '../records.ts'

declare global {
  interface JSON {
    /** ES2026: text that `stringify` writes as it is. */
    rawJSON(text: string): unknown
    /** ES2026: the reviver sees how a number was written. */
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
  }
}

/** As JSON on one line, for other programs: seeds are numbers there, written out in full (up to 2^64-1). */
export const exactJson = (value: unknown): string =>
  JSON.stringify(value, (key, item: unknown) => {
    const isSeed = key === 'seed' && typeof item === 'string' && isWhole.test(item)
    return isSeed || typeof item === 'bigint' ? JSON.rawJSON(String(item)) : item
  })

const isWhole = /^(0|[1-9]\d{0,19})$/

/** A recipe as `exactJson` wrote it; seeds are strings again, nothing is rounded. Undefined if it is no recipe. */
export function recipeOfJson(text: string): Recipe | undefined {
  try {
    const value = JSON.parse(text, (key, item, { source }) => {
      return key === 'seed' && typeof item === 'number' && source !== undefined && isWhole.test(source) ? source : item
    })
    return Recipe.safeParse(value).data
  } catch {
    return undefined
  }
}
