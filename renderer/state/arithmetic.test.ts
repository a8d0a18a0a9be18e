import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluate } from './arithmetic.ts'

const cases: readonly [string, number][] = [
  ['512', 512],
  ['512*1.5', 768],
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['2^3^2', 512],
  ['-2^2', -4],
  ['2^-1', 0.5],
  ['10 - 3 - 4', 3],
  ['100 / 10 / 2', 5],
  ['7,5', 7.5],
  ['.5', 0.5],
  ['50%', 0.5],
  ['512 x 2', 1024],
  ['128 × 2 − 6 ÷ 3', 254],
  ['+4', 4],
  ['--4', 4],
]
for (const [text, value] of cases) test(`${text} is ${value}`, () => expect(evaluate(text)).toBe(value))

const wrong = ['', '  ', '5+', '(5', '5)', 'five', '1..2', '1/0', '*5', '1 2', 'alert(1)', '0x10.5.']
for (const text of wrong) test(`"${text}" is no number`, () => expect(evaluate(text)).toBeUndefined())

test('sums and products of any numbers are those of JavaScript', () => {
  const number = fc.integer({ min: 0, max: 9999 }).map(n => n / 4)
  const sign = fc.constantFrom('+', '-', '*')
  fc.assert(
    fc.property(number, fc.array(fc.tuple(sign, number), { maxLength: 8 }), (first, rest) => {
      const text = rest.reduce((sum, [s, n]) => `${sum} ${s} ${n}`, String(first))
      const terms = rest.reduce<{ sum: number; product: number }>(
        ({ sum, product }, [s, n]) =>
          s === '*' ? { sum, product: product * n } : { sum: sum + product, product: s === '-' ? -n : n },
        { sum: 0, product: first },
      )
      expect(evaluate(text)).toBeCloseTo(terms.sum + terms.product, 4)
    }),
  )
})

test('nothing that is typed throws', () => {
  fc.assert(fc.property(fc.string(), text => ['number', 'undefined'].includes(typeof evaluate(text))))
})
