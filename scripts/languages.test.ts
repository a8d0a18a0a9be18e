import { expect, test } from 'vitest'
import { fieldsOf, jsonSchemaOf } from '../app/operations/fields.ts'
import { operations } from '../app/operations/index.ts'
import { schedulers } from '../app/schedulers/index.ts'
import { german } from '../renderer/language/german/index.ts'
import { phrases } from '../renderer/language/german/problem-phrases.ts'
import { phraseHoles } from '../renderer/language/holes.ts'
import { problemPhrases, problemTexts, Sources } from './problem-texts.ts'
import { saidTexts } from './texts.ts'

const patterns = ['renderer/**/*.ts', 'renderer/**/*.tsx']
const engine = new Sources(['app/**/*.ts', 'main/**/*.ts'])

const { keys, bare } = saidTexts(patterns)

test('no screen shows a text that is not looked up in the tables of languages', () => {
  expect(bare).toEqual([])
})

test('every text that is looked up has its German', () => {
  expect([...keys].filter(([text]) => !Object.hasOwn(german, text))).toEqual([])
})

test('the forms of all operations have their German: titles, sentences, sections', () => {
  const groups = Object.values(operations).flatMap(operation =>
    [...JSON.stringify(jsonSchemaOf(operation)).matchAll(/"group":"(\w)(\w+)"/g)].map(
      ([, first = '', rest = '']) => first.toUpperCase() + rest,
    ),
  )
  const said = [
    ...groups,
    ...Object.values(operations).flatMap(operation => [
      ...[operation.title, operation.description],
      ...fieldsOf(operation).flatMap(({ title, description }) => [title, description]),
    ]),
    ...Object.values(schedulers).map(({ goodFor }) => goodFor),
  ]
  expect([...new Set(said)].filter(text => !Object.hasOwn(german, text))).toEqual([])
})

test('every sentence of a problem has its German, and its advice too', () => {
  const sentences = problemTexts(engine)
  expect(sentences.size).toBeGreaterThan(500)
  expect([...sentences].filter(([text]) => !Object.hasOwn(german, text))).toEqual([])
})

test('every phrase that is put into a sentence of a problem has its German', () => {
  const said = problemPhrases(engine, phraseHoles)
  // The command line speaks English.
  const shown = [...said].filter(([, place]) => !place.includes('command-line'))
  expect(shown.length).toBeGreaterThan(150)
  expect(shown.filter(([text]) => !Object.hasOwn(german, text) && !Object.hasOwn(phrases, text))).toEqual([])
})

test('a translation has the holes of its text', () => {
  const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).toSorted()
  const odd = [...Object.entries(german), ...Object.entries(phrases)].filter(([text, said]) => {
    const forms = typeof said === 'string' ? [said] : Object.values(said)
    return forms.some(form => JSON.stringify(holes(form)) !== JSON.stringify(holes(text)))
  })
  expect(odd).toEqual([])
})
