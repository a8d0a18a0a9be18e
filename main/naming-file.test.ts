import { expect, test } from 'vitest'
import { Problem } from '../app/problem.ts'
import { namingFile } from './naming-file.ts'

test('a problem names the file that it is about, once; other errors stay as they are', () => {
  const damaged = new Problem('PICTURE_DAMAGED', 'The picture is damaged.', { hint: 'Copy it again.' })
  const named = namingFile(damaged, 'edges.png')
  expect(named).toMatchObject({
    code: 'PICTURE_DAMAGED',
    message: 'edges.png: The picture is damaged.',
    hint: 'Copy it again.',
  })
  expect(namingFile(named, 'edges.png')).toBe(named)
  const error = new Error('broken')
  expect(namingFile(error, 'edges.png')).toBe(error)
})
