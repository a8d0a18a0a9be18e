import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Unigram } from './unigram.ts'

const UNKNOWN = 0

/** The best sum of scores over all ways to cut a word, tried one by one; unknown characters cost the least score less 10. */
function bestScore(word: string, scores: ReadonlyMap<string, number>): number {
  if (word === '') return 0
  const unknown = Math.min(...scores.values()) - 10
  const [first] = word
  const ways = [...scores].filter(([piece]) => word.startsWith(piece))
  if (!scores.has(first)) ways.push([first, unknown])
  return Math.max(...ways.map(([piece, score]) => score + bestScore(word.slice(piece.length), scores)))
}

test('the likeliest row of pieces, against all rows', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '😀'), minLength: 1, maxLength: 3 })
  const vocabulary = fc.uniqueArray(letters, { minLength: 1, maxLength: 12 })
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '😀', 'd'), maxLength: 9 })
  fc.assert(
    fc.property(vocabulary, word, fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (pieces, word, numbers) => {
      const scores = new Map([['<unk>', 0], ...pieces.map(piece => [piece, -Number(numbers.next().value)] as const)])
      const model = new Unigram([...scores.keys()], [...scores.values()], UNKNOWN)
      const ids = model.encode(word)
      const known = ids.filter(id => id !== UNKNOWN)
      // Neighbouring unknown characters are one id, so unknown characters are counted by what the other pieces leave.
      const covered = known.reduce((sum, id) => sum + Array.from([...scores.keys()][id]).length, 0)
      const unknown = (Array.from(word).length - covered) * (Math.min(...scores.values()) - 10)
      const sum = known.reduce((total, id) => total + [...scores.values()][id], unknown)
      expect(sum).toBeCloseTo(bestScore(word, scores))
      expect(ids.some((id, k) => id === UNKNOWN && ids[k + 1] === UNKNOWN)).toBe(false)
    }),
    { numRuns: 300 },
  )
})

test('of equal rows, the one whose last piece begins first wins, as in the tokenizers package', () => {
  const model = new Unigram(['<unk>', 'a', 'b', 'ab', 'aa'], [0, -1, -1, -2, -2], UNKNOWN)
  expect(model.encode('ab')).toEqual([3])
  expect(model.encode('aaa')).toEqual([1, 4])
})
