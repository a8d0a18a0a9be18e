import { expect, test } from 'vitest'
import { walked, walkFrom } from './earlier-prompts.ts'

test('a walk goes back through earlier prompts, and forth to what was being written', () => {
  const begun = walkFrom('a dog', ['a cat', 'a dog', 'an owl'])
  const first = walked(begun, 1)
  const second = first && walked(first, 1)
  expect([first, second].map(walk => walk?.prompts[walk.at])).toEqual(['a cat', 'an owl'])
  expect(second && walked(second, 1)).toBeUndefined()
  expect(first && walked(first, -1)).toEqual(begun)
  expect(walked(begun, -1)).toBeUndefined()
})
