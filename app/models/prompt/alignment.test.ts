import { expect, test } from 'vitest'
import { openClipTokenizer } from '../clip-tokenizer.ts'
import { alignmentOf, equalizerOf, refinementAlignment, swapAlignment } from './alignment.ts'
import { parsePrompt } from './parse.ts'
import { schedulePrompts } from './schedule.ts'
import { wordPlaces } from './word-places.ts'
import { wordsIn } from './words.ts'

const tokenizer = openClipTokenizer('test/parity/goldens/models/sd1/tokenizer', { maxLength: 24 })
const read = (prompt: string) => wordPlaces(schedulePrompts([parsePrompt(prompt)], 1).states[0][0], tokenizer, 'chunks')
/** The columns that a row goes into, with how much. */
const fromRow = (matrix: Float32Array, tokens: number, row: number) =>
  Array.from({ length: tokens }, (_, column) => [column, matrix[row * tokens + column]]).filter(
    ([, value]) => value !== 0,
  )
const placesOf = (prompt: string, word: string) => read(prompt).words.find(({ text }) => text === word)?.places ?? []

test('signs are words of their own', () => {
  expect(wordsIn('a red car, 3d style').map(({ text }) => text)).toEqual(['a', 'red', 'car', ',', '3d', 'style'])
})

test('syntax belongs to no word', () => {
  expect(read('a (red:1.3) car').words.map(({ text }) => text)).toEqual(['a', 'red', 'car'])
  expect(read('a (red:1.3) car').tokens).toEqual(read('a red car').tokens)
})

test('words stand after the begin of their chunk', () => {
  const long = 'red car '.repeat(12)
  const { words, tokens, window } = read(long)
  expect(words).toHaveLength(24)
  const places = words.flatMap(({ places }) => places)
  expect(new Set(places).size).toBe(places.length)
  expect(places.every(place => place % window !== 0)).toBe(true)
  expect(tokens.filter(({ place }) => place % window === 0).length).toBeGreaterThan(1)
})

test('a swapped word looks where the old one looked, the others where they did', () => {
  const [source, edited] = ['a red car', 'a blue car']
  const { matrix, shared } = alignmentOf(read(source), read(edited), 24)
  for (const [from, to] of [
    ['red', 'blue'],
    ['car', 'car'],
  ]) {
    const [rows, columns] = [placesOf(source, from), placesOf(edited, to)]
    for (const row of rows)
      expect(fromRow(matrix, 24, row).map(([column]) => column)).toEqual(
        rows.length === columns.length ? [columns[rows.indexOf(row)]] : columns,
      )
  }
  expect([...shared]).toEqual(new Array(24).fill(1))
})

test('a word of more tokens shares the map of a shorter one, and what follows keeps to its own word', () => {
  const [source, edited] = ['a car on grass', 'a hippopotamus on grass']
  const { matrix } = swapAlignment(read(source), read(edited), 24)
  const [car] = placesOf(source, 'car')
  const wide = placesOf(edited, 'hippopotamus')
  expect(wide.length).toBeGreaterThan(placesOf(source, 'car').length)
  expect(fromRow(matrix, 24, car).map(([, value]) => value)).toEqual(wide.map(() => Math.fround(1 / wide.length)))
  const at = (row: number, column: number) => matrix[row * 24 + column]
  for (const word of ['on', 'grass']) expect(at(placesOf(source, word)[0], placesOf(edited, word)[0])).toBe(1)
})

test('what is added looks for itself, what was there keeps its map', () => {
  const [source, edited] = ['a car on grass', 'a shiny red car on grass']
  const { matrix, shared } = refinementAlignment(read(source), read(edited), 24)
  const isAdded = ['shiny', 'red'].flatMap(word => placesOf(edited, word))
  for (const [place, share] of shared.entries()) expect(share).toBe(isAdded.includes(place) ? 0 : 1)
  for (const word of ['car', 'on', 'grass']) {
    expect(matrix[placesOf(source, word)[0] * 24 + placesOf(edited, word)[0]]).toBe(1)
  }
})

test('a prompt that became shorter lets no padding look where words looked', () => {
  const [source, edited] = ['a shiny red car on grass', 'a car']
  const { matrix } = alignmentOf(read(source), read(edited), 24)
  for (const word of ['red', 'grass']) expect(fromRow(matrix, 24, placesOf(source, word)[0])).toEqual([])
})

test('weights count for all tokens of a word', () => {
  const prompt = read('a hippopotamus')
  const equalizer = equalizerOf(prompt, 24, new Map([[1, 3]]))
  expect([...equalizer.entries()].filter(([, value]) => value === 3).map(([place]) => place)).toEqual(
    prompt.words[1].places,
  )
})
