import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig } from '../models/family.ts'
import { unet2D } from '../models/unet-2d.ts'
import { writeFileSafely } from '../weights/safe-file.ts'
import { writeSafetensors } from '../weights/safetensors.ts'
import { firstWeights } from './first-weights.ts'

/** A model of pixels that has learned nothing: a UNet2DModel with attention at its coarsest levels, and a DDPM with the cosine schedule of
 *  Nichol & Dhariwal 2021 (arXiv:2102.09672), as the reference's training example has them, in a new folder.
 *  @param folder that does not exist yet
 *  @param options.size of pictures in pixels: a multiple of 2 to the number of levels less 1
 *  @param options.widths channels of each level, finest first: multiples of 32
 *  @param options.classes how many classes it is told, beside one number for none of them; absent: none
 *  @param options.classChannels channels beside the picture's that tell the class; 0, absent: the timestep's embedding does
 *  @throws Problem MODEL_CONFIG, FILE_*, DISK_FULL */
export function newPixelModel(
  folder: string,
  options: {
    readonly size: number
    readonly widths: readonly number[]
    readonly seed: bigint
    readonly classes?: number
    readonly classChannels?: number
  },
): void {
  const { size, widths, seed, classes, classChannels = 0 } = options
  const isCoarse = (level: number) => level >= Math.max(1, widths.length - 2)
  const down = widths.map((_, level) => (isCoarse(level) ? 'AttnDownBlock2D' : 'DownBlock2D'))
  const up = widths.map((_, level) => (isCoarse(level) ? 'AttnUpBlock2D' : 'UpBlock2D')).reverse()
  const config = {
    ...{ _class_name: unet2D.className, sample_size: size, in_channels: 3, out_channels: 3 },
    ...{ block_out_channels: widths, down_block_types: down, up_block_types: up },
    ...{ layers_per_block: 2, attention_head_dim: 32, norm_num_groups: 16 },
    ...(classes !== undefined && { num_class_embeds: classes + 1 }),
    ...(classes !== undefined && classChannels > 0 && { class_embed_type: 'channels', in_channels: 3 + classChannels }),
  }
  const parsed = parseConfig(unet2D, config, join(folder, 'unet', 'config.json'))
  const sizes = { batch: 1, height: size, width: size, timesteps: 'each' } as const
  const weights = firstWeights(unet2D, 'predict', parsed, sizes, seed)
  const scheduler = {
    ...{ _class_name: 'DDPMScheduler', num_train_timesteps: 1000, beta_schedule: 'squaredcos_cap_v2' },
    ...{ prediction_type: 'epsilon', clip_sample: true, variance_type: 'fixed_small' },
  }
  const index = {
    _class_name: 'DDPMPipeline',
    unet: ['diffusers', unet2D.className],
    scheduler: ['diffusers', 'DDPMScheduler'],
    ...(classes !== undefined && { id2label: labelled(Array.from({ length: classes }, (_, k) => `class ${k}`)) }),
  }
  for (const part of ['unet', 'scheduler']) mkdirSync(join(folder, part), { recursive: true })
  const write = (name: string, content: object) =>
    writeFileSafely(join(folder, name), [Buffer.from(`${JSON.stringify(content, null, 2)}\n`)])
  const tensors = weights.entries().map(([key, { shape, data }]) => [key, { dtype: 'F32', shape, data }] as const)
  writeSafetensors(join(folder, 'unet', 'diffusion_pytorch_model.safetensors'), tensors, { format: 'pt' })
  write('unet/config.json', config)
  write('scheduler/scheduler_config.json', scheduler)
  write('model_index.json', index)
}

/** Names of classes as model_index.json keeps them: `id2label` of the reference's DiTPipeline. */
export const labelled = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name, label) => [String(label), name]))
