import { expect, test } from 'vitest'
import { classCaption } from './class-images.ts'

test('a class image is drawn from the caption without the identifier, and from that alone', () => {
  expect(classCaption('a sks cat, 3d style', 'sks')).toBe('a cat, 3d style')
  expect(classCaption('sks thing and skss', 'sks')).toBe('thing and skss')
  expect(classCaption('a photo of my mug', 'my mug')).toBe('a photo of')
  expect(classCaption('a cat', '')).toBe('a cat')
})
