import { describe, expect, test } from 'vitest'
import { targets } from '../../app/graph/targets.ts'
import { autoencoderKL } from '../../app/models/autoencoder-kl.ts'
import { clipText } from '../../app/models/clip-text.ts'
import { unet2DCondition } from '../../app/models/unet-2d-condition.ts'
import { selfTest } from '../../app/runtime/self-test.ts'
import { TorchGenerator } from '../../app/tensor/random.ts'
import { tensor } from '../../app/tensor/tensor.ts'
import { agrees, available, random } from './agreement.ts'

describe.skipIf(!available)('WebGPU under SwiftShader', () => {
  describe.each([
    ['native-models/sticker-world', 4],
    ['test/parity/goldens/models/sd1', 8],
  ])('%s', (folder, side) => {
    test('text encoder', async () => {
      const ids = Array.from({ length: 16 }, (_, k) => k * 3)
      await agrees(folder, 'text_encoder', clipText, {
        graph: 'encode',
        sizes: { batch: 1, tokens: 16, mask: false, skip: 0 },
        feeds: () => ({ input_ids: { shape: [1, 16], integers: ids } }),
      })
    })

    test('UNet', async () => {
      await agrees(folder, 'unet', unet2DCondition, {
        graph: 'predict',
        sizes: { batch: 2, height: side, width: side, tokens: 16, timesteps: 'one', contextMask: false },
        feeds: config => ({
          sample: random(1n, 2, config.in_channels, side, side),
          timestep: tensor([1], Float32Array.of(421)),
          encoder_hidden_states: random(2n, 2, 16, [config.cross_attention_dim].flat()[0]),
        }),
      })
    })

    test('autoencoder, both ways', async () => {
      await agrees(folder, 'vae', autoencoderKL, {
        graph: 'decode',
        sizes: { batch: 1, height: side, width: side },
        feeds: config => ({ latents: random(3n, 1, config.latent_channels, side, side) }),
      })
      await agrees(folder, 'vae', autoencoderKL, {
        graph: 'encode',
        sizes: { batch: 1, height: 64, width: 64 },
        feeds: () => ({ sample: new TorchGenerator(4n).uniform([1, 3, 64, 64], { low: -1, high: 1 }) }),
      })
    })
  })

  test('the self-test passes the forms that are used, and catches the fused attention, which is wrong there', async () => {
    expect(await selfTest(targets.webgpu, 2)).toMatchObject({ passed: true })
    const caught = await selfTest({ ...targets.webgpu, attention: 'fused' }, 2)
    expect(caught.passed).toBe(false)
    expect(caught.worstError).toBeGreaterThan(0.01)
  })
})
