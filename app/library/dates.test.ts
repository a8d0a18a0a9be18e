import { expect, test } from 'vitest'
import { spanOf } from './dates.ts'

const now = new Date(2026, 10, 30, 16, 5).getTime()
const day = (year: number, month: number, date: number) => new Date(year, month - 1, date).getTime()

const spans: readonly [string, number, number][] = [
  ['2026', day(2026, 1, 1), day(2027, 1, 1)],
  ['2026-12', day(2026, 12, 1), day(2027, 1, 1)],
  ['2026-2', day(2026, 2, 1), day(2026, 3, 1)],
  ['2028-02-29', day(2028, 2, 29), day(2028, 3, 1)],
  ['today', day(2026, 11, 30), day(2026, 12, 1)],
  ['Yesterday', day(2026, 11, 29), day(2026, 11, 30)],
  ['week', day(2026, 11, 24), day(2026, 12, 1)],
]
for (const [text, from, until] of spans) test(text, () => expect(spanOf(text, now)).toEqual({ from, until }))

for (const text of [
  '',
  '26',
  '2026-13',
  '2026-00',
  '2026-02-29',
  '2026-11-31',
  '2026-11-24-1',
  'soon',
  'constructor',
]) {
  test(`“${text}” is no date`, () => expect(spanOf(text, now)).toBeUndefined())
}
