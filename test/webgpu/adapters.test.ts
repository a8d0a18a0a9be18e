import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { targets } from '../../app/graph/targets.ts'
import { readVariants } from '../parity/goldens.ts'
import { parameters, runAdaptedUnet } from '../parity/replayers/adapted-unet.ts'
import { available, expectAgreement } from './agreement.ts'

const variants = readVariants(join(import.meta.dirname, '../parity/goldens'))

describe.skipIf(!available)('adapters on WebGPU under SwiftShader', () => {
  test.each(['lora_-0.6', 'dora_1.0', 'loha_tucker_1.0', 'lokr_tucker_1.0', 'two_loras'])('%s', async name => {
    const variant = variants.find(({ id }) => id === `08_lora/adapted_unet/${name}`)
    if (variant === undefined) throw new Error(`there is no case ${name}`)
    const found = await runAdaptedUnet(variant, parameters.parse(variant.params), targets.webgpu)
    expectAgreement(found, variant.outputs.tensor('sample'), name)
    expect(found.shape).toEqual(variant.outputs.shape('sample'))
  })
})
