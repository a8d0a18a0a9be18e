import { expect, test } from 'vitest'
import { OPERATION } from '../testing/told.ts'
import { fieldsOf } from './form.ts'
import { inProportion, PROPORTIONS, proportionOf } from './proportion.ts'

const fields = fieldsOf(OPERATION)
const [width, height] = ['width', 'height'].map(name => fields.find(field => field.name === name))

test('a chosen proportion is recognised again, whatever the model’s multiple makes of it', () => {
  for (const { name, ratio } of PROPORTIONS)
    for (const multiple of [8, 16, 64]) {
      if (width === undefined || height === undefined) throw new Error('no size in the schema')
      const size = inProportion(ratio, 512 * 512, multiple, width, height)
      expect([size.width % multiple, size.height % multiple]).toEqual([0, 0])
      expect(proportionOf(size.width, size.height, multiple)).toBe(name)
    }
})

test('any other size is free', () => {
  expect(proportionOf(512, 128, 8)).toBeUndefined()
})
