import { expect, test } from 'vitest'
import { withStyle } from '../models/prompt/style.ts'
import { readStyles, Style } from './styles.ts'
import { temporaryFolder, testLibrary } from './testing.ts'

const style = (name: string, change: Partial<Style> = {}): Style => Style.parse({ name, ...change })

test('styles are kept, replaced by name, and removed', () => {
  const home = temporaryFolder()
  const library = testLibrary({ home })
  library.styles.save([style('Ink', { prompt: 'ink drawing of {prompt}' }), style('Clay')])
  expect(library.styles.save([style('ink', { negative: 'colour' })]).map(({ name }) => name)).toEqual(['Clay', 'ink'])
  library.styles.remove('CLAY')
  library.close()
  const again = testLibrary({ home })
  expect(again.styles.list()).toEqual([style('ink', { negative: 'colour' })])
  expect(again.styles.get('INK').negative).toBe('colour')
  expect(() => again.styles.get('Oil')).toThrow('There is no style "Oil" in the library.')
})

test.each([
  ['a fox', 'ink drawing of {prompt}, black', 'ink drawing of a fox, black'],
  ['a fox', 'ink, black', 'a fox, ink, black'],
  ['', 'ink', 'ink'],
  [' a fox ', '', 'a fox'],
  ['costs $& and $1', '{prompt}!', 'costs $& and $1!'],
])('%s in %s', (prompt, words, wished) => {
  expect(withStyle(prompt, words)).toBe(wished)
})

test('a styles.csv of the web UI', () => {
  const csv =
    '\ufeffname,prompt,negative_prompt\r\nInk,"ink, ""black"", {prompt}",colour\r\n--- Photos ---,,\r\nTwo lines,"a\nb",\r\n'
  expect(readStyles(csv)).toEqual([
    style('Ink', { prompt: 'ink, "black", {prompt}', negative: 'colour' }),
    style('Two lines', { prompt: 'a\nb' }),
  ])
  expect(readStyles('name,text\nOld,oil')).toEqual([style('Old', { prompt: 'oil' })])
  expect(() => readStyles('hello')).toThrow('This file holds no styles')
})
