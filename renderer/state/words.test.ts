import { expect, test } from 'vitest'
import { leftOutWords, partsWords } from './asking.ts'
import { countWords, dayWords, doneShare, duration, secondsWords, shortName, sizeWords, stepWords } from './words.ts'

test('seconds, and minutes from 90 seconds on', () => {
  expect([0.2, 3.4, 90, 91, 600].map(duration)).toEqual(['1 s', '3 s', '90 s', '2 min', '10 min'])
})

test('a job says what it does, then how far it is', () => {
  expect(stepWords(undefined)).toBe('Starting')
  expect(stepWords({ phase: 'Opening Sticker World, 2 of 3 parts', step: 0, total: 20 })).toMatch(/^Opening/)
  expect(stepWords({ phase: 'x', step: 12, total: 20 })).toBe('Step 12 of 20')
  expect(secondsWords({ phase: '', step: 1, total: 20 })).toBeUndefined()
  expect(secondsWords({ phase: '', step: 3, total: 20, secondsLeft: 3.2 })).toBe('3 s left')
  expect(doneShare({ phase: '', step: 5, total: 20 })).toBe(0.25)
})

test('bytes as file managers count them', () => {
  expect([0, 999, 46_000_000, 2_100_000_000].map(sizeWords)).toEqual(['0 B', '999 B', '46 MB', '2.1 GB'])
})

test('long names are cut in the middle', () => {
  expect(shortName('apple.png')).toBe('apple.png')
  expect(shortName(`${'a'.repeat(64)}.png`, 11)).toBe('aaaaa…a.png')
})

test('days are named from today backwards', () => {
  const noon = new Date(2026, 10, 23, 12).getTime()
  expect(dayWords(noon - 11 * 3_600_000, noon)).toBe('Today')
  expect(dayWords(noon - 13 * 3_600_000, noon)).toBe('Yesterday')
  expect(dayWords(noon + 60_000, noon)).toBe('Today')
  expect(dayWords(new Date(2024, 0, 5).getTime(), noon)).toContain('2024')
})

test('a long prompt says in how many parts it is read, without begin and end of each', () => {
  expect(partsWords({ tokens: 32, limit: 32, chunks: 1 })).toBeUndefined()
  expect(partsWords({ tokens: 45, limit: 32, chunks: 2 })).toBe('41 tokens, read in 2 parts of up to 30.')
  expect(partsWords({ tokens: 5, limit: 77, chunks: 2 })).toBe('1 token, read in 2 parts of up to 75.')
})

test('what does not fit is counted in words', () => {
  expect(leftOutWords(32, 'on a blue background , shiny')).toBe(
    'The model reads 32 tokens; the last 6 words are left out.',
  )
  expect(leftOutWords(32, 'shiny')).toBe('The model reads 32 tokens; the last word is left out.')
  expect(leftOutWords(32, ' ')).toBeUndefined()
  expect([1, 4].map(countWords)).toEqual(['1 picture', '4 pictures'])
})
