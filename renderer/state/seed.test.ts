import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LARGEST_SEED, parseSeed, rollSeed, seedOfPicture, seedRange } from './seed.ts'

test('the largest seed is 2^64 - 1, digit by digit', () => {
  expect(LARGEST_SEED.toString()).toBe('18446744073709551615')
  expect(parseSeed('18446744073709551615')).toBe(18446744073709551615n)
  expect(parseSeed('18446744073709551616')).toBeUndefined()
})

test('seeds that a double cannot hold stay exact', () => {
  expect(parseSeed('9007199254740993')?.toString()).toBe('9007199254740993')
  fc.assert(fc.property(fc.bigInt(0n, LARGEST_SEED), seed => parseSeed(seed.toString()) === seed))
})

for (const [text, seed] of [
  ['0', 0n],
  ['007', 7n],
  [' 42 ', 42n],
  ['1 000', 1000n],
  ['1_000', 1000n],
  ['18,446,744', 18446744n],
] as const)
  test(`"${text}" is ${seed}`, () => expect(parseSeed(text)).toBe(seed))

for (const text of ['', '-1', '1.5', '1e3', '0x10', 'seven', '٣', '999999999999999999999'])
  test(`"${text}" is no seed`, () => expect(parseSeed(text)).toBeUndefined())

test('picture k has seed + k, past what a double can count', () => {
  expect(seedOfPicture(9007199254740992n, 1)).toBe(9007199254740993n)
  expect(seedRange(1207n, 4)).toBe('4 pictures use the seeds 1207 to 1210')
  expect(seedRange(1207n, 1)).toBeUndefined()
})

test('a rolled seed is what the random source gave', () => {
  expect(rollSeed(buffer => buffer.fill(4294967295))).toBe(4294967295n)
})
