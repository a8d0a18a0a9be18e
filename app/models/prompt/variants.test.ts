import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { TorchGenerator } from '../../tensor/random.ts'
import { chooseVariants } from './variants.ts'
import { openWildcards } from './wildcards.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfumato-wildcards-'))
afterAll(() => rmSync(folder, { recursive: true }))
mkdirSync(join(folder, 'hair'))
writeFileSync(join(folder, 'animal.txt'), '# pets\r\nfox\r\n\r\n  owl \nhare\n')
writeFileSync(join(folder, 'hair', 'red_ish.txt'), '{copper|rust} hair')
writeFileSync(join(folder, 'loop.txt'), 'a __loop__')
writeFileSync(join(folder, 'empty.txt'), '# nothing\n')
writeFileSync(join(folder, 'long.txt'), 'x'.repeat(3000))
const wildcards = openWildcards(folder)

const choose = (text: string, seed: number) => chooseVariants(text, new TorchGenerator(BigInt(seed)), wildcards)

/** Everything that comes out for 300 seeds, and how often. */
function outcomes(text: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (let seed = 0; seed < 300; seed++) {
    const words = choose(text, seed)
    counts[words] = (counts[words] ?? 0) + 1
  }
  return counts
}
const kinds = (text: string) => Object.keys(outcomes(text)).sort()

test.each([
  ['a {red|blue} fox', ['a blue fox', 'a red fox']],
  ['{a|b {c|d}}', ['a', 'b c', 'b d']],
  ['{a|}', ['', 'a']],
  ['{2$$a|b|c}', ['a, b', 'a, c', 'b, a', 'b, c', 'c, a', 'c, b']],
  ['{2$$ and $$a|b}', ['a and b', 'b and a']],
  ['{1-2$$a|b}', ['a', 'a, b', 'b', 'b, a']],
  ['{-1$$a|b}', ['a', 'b']],
  ['{2-$$a|b}', ['a, b', 'b, a']],
  ['{9$$a}', ['a']],
  ['{0::a|b}', ['b']],
  ['{(a|b)|c}', ['(a|b)', 'c']],
  ['{[a|b]|c}', ['[a|b]', 'c']],
  ['__animal__', ['fox', 'hare', 'owl']],
  ['__hair/red_ish__', ['copper hair', 'rust hair']],
  ['{2$$__animal__}', ['fox, hare', 'fox, owl', 'hare, fox', 'hare, owl', 'owl, fox', 'owl, hare']],
  ['{a|__animal__}', ['a', 'fox', 'hare', 'owl']],
])('%s becomes one of %o', (text, expected) => {
  expect(kinds(text)).toEqual(expected)
})

test('choices are even, or as uneven as they are written', () => {
  const even = outcomes('{a|b|c}')
  // 300 draws: a third is 100, with a standard deviation of 8.2.
  for (const name of 'abc') expect(Math.abs(even[name] - 100)).toBeLessThan(33)
  // Three quarters are 225, with a standard deviation of 7.5.
  expect(Math.abs(outcomes('{3::a|b}').a - 225)).toBeLessThan(30)
})

test('a seed gives the same words', () => {
  const text = '{a|b|c|d} {2$$e|f|g} __animal__'
  expect(choose(text, 5)).toBe(choose(text, 5))
  expect(new Set(Array.from({ length: 40 }, (_, seed) => choose(text, seed))).size).toBeGreaterThan(25)
})

test.each([
  'a {red} fox',
  '{',
  '}{',
  'a | b',
  '\\{a|b\\}',
  '\\__animal__',
  'snake_case',
  '__',
  '____',
  '{a',
  '[a|b]',
  '$$',
])('%s stays as it is', text => {
  expect(choose(text, 1)).toBe(text)
})

test('text without braces and underscores is untouched', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const plain = text.replaceAll(/[{_]/g, '')
      expect(choose(plain, 1)).toBe(plain)
    }),
  )
})

test('a wildcard that is missing, empty, endless or too long is said', () => {
  expect(() => choose('__colour__', 1)).toThrow(join(folder, 'colour.txt'))
  expect(() => choose('__empty__', 1)).toThrow('holds no lines')
  expect(() => choose('__loop__', 1)).toThrow('more than 1000 choices')
  expect(() => choose('__long__ '.repeat(7), 1)).toThrow('more than 20000 characters')
  // No name leads out of the folder.
  expect(choose('__../secret__ __/etc/hosts__', 1)).toBe('__../secret__ __/etc/hosts__')
})
