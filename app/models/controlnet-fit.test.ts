import { expect, test } from 'vitest'
import { controlNet } from './controlnet.ts'
import { misfitOf } from './controlnet-fit.ts'
import { parseConfig } from './family.ts'
import { unet2DCondition } from './unet-2d-condition.ts'

const shared = {
  ...{ in_channels: 4, block_out_channels: [32, 64], layers_per_block: 1, cross_attention_dim: 24 },
  down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
}
const added = {
  ...{ addition_embed_type: 'text_time', addition_time_embed_dim: 8, projection_class_embeddings_input_dim: 80 },
}
const unet = (changes: object = {}) =>
  parseConfig(unet2DCondition, { ...shared, up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'], ...changes }, 'unet')
const control = (changes: object = {}) => parseConfig(controlNet, { ...shared, ...changes }, 'control')

test('a copy fits, with or without what is embedded beside the text', () => {
  expect(misfitOf(control(), unet())).toBeUndefined()
  expect(misfitOf(control(added), unet(added))).toBeUndefined()
  // A list of the same value for all levels says the same.
  expect(misfitOf(control({ layers_per_block: [1, 1], cross_attention_dim: [24, 24] }), unet())).toBeUndefined()
})

test.each([
  [{ cross_attention_dim: 48 }, {}, 'reads text of width 48, the model gives 24'],
  [{ in_channels: 8 }, {}, 'reads latents of 8 channels, the model has 4'],
  [{ block_out_channels: [32, 128] }, {}, 'has levels of 32 x 1, 128 x 1, the model of 32 x 1, 64 x 1'],
  [{ layers_per_block: 2 }, {}, 'has levels of 32 x 2, 64 x 2, the model of 32 x 1, 64 x 1'],
  [added, {}, 'wants text_embeds, which the model is not told'],
  [{ ...added, projection_class_embeddings_input_dim: 96 }, added, 'embeds 96 numbers beside the text, the model 80'],
])('%j beside %j: it %s', (ours, theirs, words) => {
  expect(misfitOf(control(ours), unet(theirs))).toBe(words)
})
