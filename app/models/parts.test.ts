import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openModel } from '../weights/open-model.ts'
import { correctsSchedule } from './parts.ts'

const goldens = join(import.meta.dirname, '../../test/parity/goldens/models/single_file')

test('schedulers of Stable Diffusion 1 are corrected, those of XL stay as they are', () => {
  const [sd1, sdxl] = ['sd1', 'sdxl'].map(name => openModel(join(goldens, `${name}.safetensors`)))
  expect([correctsSchedule(sd1), correctsSchedule(sdxl)]).toEqual([true, false])
})
