import { expect, test } from 'vitest'
import { german } from '../renderer/language/german/index.ts'
import { saidTexts } from './texts.ts'

/** The parts of the page whose texts are in every language; what is new joins them. */
const patterns = [
  'renderer/App.tsx',
  ...['components', 'gallery', 'models', 'training'].map(part => `renderer/${part}/*.tsx`),
]

const { keys, bare } = saidTexts(patterns)

test('no screen shows a text that is not looked up in the tables of languages', () => {
  expect(bare).toEqual([])
})

test('every text that is looked up has its German', () => {
  expect([...keys].filter(([text]) => !Object.hasOwn(german, text))).toEqual([])
})

test('a translation has the holes of its text', () => {
  const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).toSorted()
  const odd = Object.entries(german).filter(([text, said]) => {
    const forms = typeof said === 'string' ? [said] : Object.values(said)
    return forms.some(form => JSON.stringify(holes(form)) !== JSON.stringify(holes(text)))
  })
  expect(odd).toEqual([])
})
