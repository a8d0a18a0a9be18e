import { expect, test } from 'vitest'
import { looksLikeModel } from './model-files.ts'

test('models are told from pictures by their names; a folder has neither type nor ending', () => {
  const named = (name: string, type = '') => looksLikeModel({ name, type })
  expect([named('a.safetensors'), named('B.CKPT'), named('models')]).toEqual([true, true, true])
  expect([named('a.png', 'image/png'), named('picture', 'image/png'), named('a.txt')]).toEqual([false, false, false])
})
