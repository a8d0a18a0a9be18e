import { join } from 'node:path'
import { describe, test } from 'vitest'
import { controlNet } from '../../app/models/controlnet.ts'
import { ditTransformer2D } from '../../app/models/dit-transformer-2d.ts'
import { fluxRotation, fluxTransformer2D } from '../../app/models/flux-transformer-2d.ts'
import { sd3Transformer2D } from '../../app/models/sd3-transformer-2d.ts'
import { unet2D } from '../../app/models/unet-2d.ts'
import { unet2DCondition } from '../../app/models/unet-2d-condition.ts'
import { tensor } from '../../app/tensor/tensor.ts'
import { withModelFolder } from '../parity/models.ts'
import { agrees, available, random } from './agreement.ts'

const goldens = join(import.meta.dirname, '../parity/goldens/models')
const one = (value: number) => tensor([1], Float32Array.of(value))
const picture = { batch: 2, height: 8, width: 8, tokens: 6, timesteps: 'one', contextMask: false } as const

/** Lets `use` work with a folder that holds one golden network, named `network`. */
const withGolden = (name: string, use: (folder: string) => Promise<void>) =>
  withModelFolder({ network: { folder: join(goldens, name) } }, use)

describe.skipIf(!available)('WebGPU under SwiftShader', () => {
  test.each(['sdxl/unet', 'unet_variant', 'unet_variant2', 'unet_upscale'])('UNet %s', async name => {
    await withGolden(name, folder =>
      agrees(folder, 'network', unet2DCondition, {
        graph: 'predict',
        sizes: picture,
        feeds: config => ({
          sample: random(1n, 2, config.in_channels, 8, 8),
          timestep: one(421),
          encoder_hidden_states: random(2n, 2, 6, config.encoder_hid_dim ?? [config.cross_attention_dim].flat()[0]),
          text_embeds: random(3n, 2, 20),
          time_ids: random(4n, 2, 6),
          class_labels: { shape: [2], integers: [3, 5] },
        }),
      }),
    )
  })

  test.each(['unet2d_ncsnpp', 'unet2d_resnet_blocks', 'unet2d_fusing'])('unconditional UNet %s', async name => {
    await withGolden(name, folder =>
      agrees(folder, 'network', unet2D, {
        graph: 'predict',
        sizes: { batch: 2, height: 16, width: 16, timesteps: 'one' },
        feeds: config => ({ sample: random(1n, 2, config.in_channels, 16, 16), timestep: one(3) }),
      }),
    )
  })

  test('ControlNet', async () => {
    await withGolden('controlnet_b', folder =>
      agrees(folder, 'network', controlNet, {
        graph: 'control',
        sizes: { ...picture, guessMode: true },
        feeds: config => ({
          sample: random(1n, 2, config.in_channels, 8, 8),
          timestep: one(421),
          encoder_hidden_states: random(2n, 2, 6, 24),
          controlnet_cond: random(3n, 2, 3, 64, 64),
          conditioning_scale: one(0.7),
        }),
      }),
    )
  })

  test('DiT', async () => {
    await withGolden('dit', folder =>
      agrees(folder, 'network', ditTransformer2D, {
        graph: 'predict',
        sizes: { batch: 2, height: 8, width: 8, timesteps: 'one' },
        feeds: () => ({
          hidden_states: random(1n, 2, 4, 8, 8),
          timestep: one(421),
          class_labels: { shape: [2], integers: [7, 1000] },
        }),
      }),
    )
  })

  test('Stable Diffusion 3.5', async () => {
    await withGolden('sd3_dual', folder =>
      agrees(folder, 'network', sd3Transformer2D, {
        graph: 'predict',
        sizes: picture,
        feeds: config => ({
          hidden_states: random(1n, 2, config.in_channels, 8, 8),
          encoder_hidden_states: random(2n, 2, 6, config.joint_attention_dim),
          pooled_projections: random(3n, 2, config.pooled_projection_dim),
          timestep: one(421),
        }),
      }),
    )
  })

  test('FLUX', async () => {
    await withGolden('flux_dev', folder =>
      agrees(folder, 'network', fluxTransformer2D, {
        graph: 'predict',
        sizes: { batch: 2, places: 9, tokens: 6, timesteps: 'one' },
        feeds: config => ({
          hidden_states: random(1n, 2, 9, config.in_channels),
          encoder_hidden_states: random(2n, 2, 6, config.joint_attention_dim),
          pooled_projections: random(3n, 2, config.pooled_projection_dim),
          timestep: one(0.4),
          guidance: one(3.5),
          ...fluxRotation(
            config,
            Array.from({ length: 15 }, (_, k) => [0, Math.floor(k / 4), k % 4]),
          ),
        }),
      }),
    )
  })
})
