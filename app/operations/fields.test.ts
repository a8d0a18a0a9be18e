import { expect, test } from 'vitest'
import { z } from 'zod'
import { expectation, fieldsOf } from './fields.ts'
import { textToImage } from './text-to-image.ts'

const fields = fieldsOf(textToImage)
const field = (name: string) => fields.find(field => field.name === name)

test('fields follow the schema, in its order', () => {
  expect(fields.map(({ name }) => name)).toEqual(Object.keys(textToImage.parameters.shape))
  expect(field('prompt')).toMatchObject({ title: 'Prompt', kind: 'text', required: true, fromModel: false })
  expect(field('steps')).toMatchObject({ kind: 'whole', minimum: 1, maximum: 1000, required: false, fromModel: true })
  expect(field('rescale')).toMatchObject({ kind: 'number', default: 0, fromModel: false })
  expect(field('karras')).toMatchObject({ kind: 'switch', default: false })
  expect(field('sampler')?.choices).toContain('EulerDiscreteScheduler')
})

test('what a field takes is told in words', () => {
  const about = { title: 'A', description: 'B.', widget: 'slider', group: 'advanced' }
  const schema = z.object({
    seed: z.string().meta({ ...about, widget: 'seed' }),
    whole: z.int().min(1).max(9).meta(about),
    least: z.number().min(0.5).meta(about),
    any: z.number().meta(about),
    choice: z.enum(['a', 'b']).meta(about),
    text: z.string().max(5).meta(about),
    flag: z.boolean().meta(about),
  })
  expect(fieldsOf({ ...textToImage, parameters: schema }).map(expectation)).toEqual([
    'a whole number from 0 to 18446744073709551615',
    'a whole number from 1 to 9',
    'a number, at least 0.5',
    'a number',
    'one of a, b',
    'text of at most 5 characters',
    'on or off',
  ])
})
