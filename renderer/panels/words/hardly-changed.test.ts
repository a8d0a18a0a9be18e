import { expect, test } from 'vitest'
import type { Image } from '../../state/api.ts'
import { sourceOf } from './HardlyChanged.tsx'

const image = (hash: string, operation: string, parameters: Record<string, unknown>): Image => ({
  ...{ id: hash, hash, width: 64, height: 64, createdAt: 1, starred: false, index: 0 },
  recipe: {
    ...{
      operation,
      operationVersion: 1,
      parameters,
      seed: String(parameters.seed),
      provider: 'cpu',
      app: 'a',
      parents: [],
    },
    model: { name: 'm', hash: 'h' },
  },
})
const drawn = image('a', 'text-to-image', { prompt: 'a red car', seed: '7' })
const other = image('b', 'text-to-image', { prompt: 'a red car', seed: '8' })

test('an edit is compared with the picture that it came from: of the same seed and words, or the given one', () => {
  const edit = image('c', 'edit-words', { prompt: 'a red car', to: 'a blue car', seed: '7' })
  expect(sourceOf(edit, [other, drawn])?.hash).toBe('a')
  const found = image('d', 'edit-picture-words', { prompt: 'a red car', to: 'a blue car', image: 'b', seed: '7' })
  expect(sourceOf(found, [drawn, other])?.hash).toBe('b')
  expect(sourceOf(drawn, [other])).toBeUndefined()
})
