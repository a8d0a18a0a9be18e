/** What documents are and what edits make of them, for the page too: data and functions without input or output. */
export * from '../library/documents/document.ts'
