import { expect, test } from 'vitest'
import type { Image, Recipe } from './api.ts'
import { fileName, parseRecipe } from './recipes.ts'

const recipe: Recipe = {
  operation: 'text-to-image',
  operationVersion: 1,
  parameters: { prompt: 'a red apple, 3d style' },
  seed: '18446744073709551615',
  model: { name: 'Sticker World', hash: 'abc' },
  provider: 'cpu',
  app: '0.1.0',
  parents: ['p'],
}

test('a recipe that was copied is read as it was', () => {
  expect(parseRecipe(JSON.stringify(recipe))).toEqual(recipe)
})

for (const text of ['', 'a red apple', '{}', '[1]', 'null', '{"parameters":{},"model":{},"operation":"x","seed":7}'])
  test(`"${text}" is no recipe`, () => expect(parseRecipe(text)).toBeUndefined())

test('a copy is named by its words and seed', () => {
  const image: Image = { id: 'i', hash: 'h', width: 1, height: 1, createdAt: 1, starred: false, index: 0, recipe }
  expect(fileName(image)).toBe('a-red-apple-3d-style-18446744073709551615.png')
  expect(fileName({ ...image, recipe: undefined })).toBe('picture.png')
  expect(fileName({ ...image, recipe: { ...recipe, parameters: { prompt: '../../etc' } } })).toMatch(/^etc-\d+\.png$/)
})
