/** Words with letters, digits and what joins them; signs that stand together are a word of their own, so that "car" is found in "a car, red". */
const wordOrSigns = /[\p{L}\p{M}\p{N}_'’-]+|[^\s\p{L}\p{M}\p{N}_'’-]+/gu

/** Whether it is a word; else it is a sign between words. */
export const isWord = (text: string): boolean => /[\p{L}\p{N}]/u.test(text)

/** The words of a text, and the signs between them, with where each begins. */
export const wordsIn = (text: string): { readonly text: string; readonly start: number }[] =>
  Array.from(text.matchAll(wordOrSigns), ({ 0: text, index: start }) => ({ text, start }))
