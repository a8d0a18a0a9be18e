/** What a picture says of how it came to be, for the page too: a function without input or output. */
export * from '../library/recipe/origin.ts'
