import { expect, test } from 'vitest'
import { readComfyUi } from './comfyui.ts'

/* Graphs as ComfyUI's own examples have them (comfyanonymous.github.io/ComfyUI_examples), written down by hand. */

const node = (class_type: string, inputs: object) => ({ class_type, inputs })

const plain = {
  3: node('KSampler', {
    ...{ seed: 18446744073709, steps: 20, cfg: 8, sampler_name: 'dpmpp_2m', scheduler: 'karras', denoise: 1 },
    ...{ model: ['11', 0], positive: ['6', 0], negative: ['7', 0], latent_image: ['5', 0] },
  }),
  4: node('CheckpointLoaderSimple', { ckpt_name: 'sd/v1-5-pruned.safetensors' }),
  5: node('EmptyLatentImage', { width: 512, height: 768, batch_size: 1 }),
  6: node('CLIPTextEncode', { text: 'a castle', clip: ['12', 0] }),
  7: node('CLIPTextEncode', { text: 'blurry', clip: ['12', 0] }),
  8: node('VAEDecode', { samples: ['3', 0], vae: ['4', 2] }),
  9: node('SaveImage', { filename_prefix: 'ComfyUI', images: ['8', 0] }),
  10: node('LoraLoader', {
    lora_name: 'first.safetensors',
    strength_model: 0.8,
    strength_clip: 1,
    model: ['4', 0],
    clip: ['4', 1],
  }),
  11: node('LoraLoaderModelOnly', { lora_name: 'second.safetensors', strength_model: -0.5, model: ['10', 0] }),
  12: node('CLIPSetLastLayer', { stop_at_clip_layer: -2, clip: ['10', 1] }),
}
const read = (graph: object) => readComfyUi(JSON.stringify(graph), '')

test('a graph of one KSampler is followed to its texts, size, model and LoRAs', () => {
  expect(read(plain)).toMatchObject({
    operation: 'text-to-image',
    parameters: {
      ...{ prompt: 'a castle', negative: 'blurry', steps: 20, guidance: 8, clipSkip: 1, width: 512, height: 768 },
      ...{ sampler: 'DPMSolverMultistepScheduler', karras: true },
      loras: [
        { model: 'first.safetensors', strength: 0.8 },
        { model: 'second.safetensors', strength: -0.5 },
      ],
    },
    seed: '18446744073709',
    model: { name: 'v1-5-pruned', hash: '' },
    app: 'ComfyUI',
  })
  expect(read(plain)).not.toHaveProperty('unknown')
})

test('a seed beyond 2^53 is exact, also where another node gives it', () => {
  const text = JSON.stringify({
    ...plain,
    3: node('KSamplerAdvanced', {
      ...plain[3].inputs,
      noise_seed: ['20', 0],
      seed: undefined,
      end_at_step: 12,
      start_at_step: 0,
    }),
    20: node('PrimitiveInt', { value: 0 }),
  }).replace('"value":0', '"value":18446744073709551615')
  expect(readComfyUi(text, '')).toMatchObject({ seed: '18446744073709551615', unknown: { 'End at step': '12' } })
})

test("Flux' graph, whose sampler has its parts on nodes of their own", () => {
  const flux = {
    1: node('UNETLoader', { unet_name: 'flux1-dev.safetensors', weight_dtype: 'default' }),
    2: node('CLIPTextEncode', { text: ['30', 0], clip: ['31', 0] }),
    3: node('FluxGuidance', { guidance: 3.5, conditioning: ['2', 0] }),
    4: node('BasicGuider', { model: ['9', 0], conditioning: ['3', 0] }),
    5: node('RandomNoise', { noise_seed: 7 }),
    6: node('KSamplerSelect', { sampler_name: 'euler' }),
    7: node('BasicScheduler', { scheduler: 'simple', steps: 28, denoise: 1, model: ['9', 0] }),
    8: node('EmptySD3LatentImage', { width: 1024, height: 768, batch_size: 1 }),
    9: node('ModelSamplingFlux', { max_shift: 1.15, base_shift: 0.5, model: ['10', 0] }),
    10: node('FreeU_V2', { b1: 1, model: ['1', 0] }),
    12: node('SamplerCustomAdvanced', {
      noise: ['5', 0],
      guider: ['4', 0],
      sampler: ['6', 0],
      sigmas: ['7', 0],
      latent_image: ['8', 0],
    }),
    13: node('VAEDecode', { samples: ['12', 0] }),
    14: node('SaveImage', { images: ['13', 0] }),
    30: node('PrimitiveString', { value: 'a fox' }),
    31: node('DualCLIPLoader', { clip_name1: 't5xxl.safetensors', clip_name2: 'clip_l.safetensors' }),
  }
  expect(read(flux)).toMatchObject({
    parameters: {
      prompt: 'a fox',
      negative: '',
      steps: 28,
      guidance: 3.5,
      width: 1024,
      sampler: 'EulerDiscreteScheduler',
    },
    ...{ seed: '7', model: { name: 'flux1-dev' }, unknown: { 'Schedule type': 'simple', Nodes: 'FreeU_V2' } },
  })
})

test('SamplerCustom, a picture to begin with, and a ControlNet are said', () => {
  const { 3: _, ...rest } = plain
  const custom = {
    ...rest,
    3: node('SamplerCustom', {
      ...{ add_noise: true, noise_seed: 5, cfg: 6.5, model: ['4', 0], positive: ['40', 0], negative: ['40', 1] },
      ...{ sampler: ['41', 0], sigmas: ['42', 0], latent_image: ['43', 0] },
    }),
    40: node('ControlNetApplyAdvanced', { positive: ['6', 0], negative: ['7', 0], strength: 1 }),
    41: node('KSamplerSelect', { sampler_name: 'res_multistep' }),
    42: node('KarrasScheduler', { steps: 12, sigma_max: 14.6 }),
    43: node('VAEEncode', { pixels: ['44', 0], vae: ['4', 2] }),
    44: node('LoadImage', { image: 'a.png' }),
  }
  expect(read(custom)).toMatchObject({
    parameters: { prompt: 'a castle', negative: 'blurry', steps: 12, guidance: 6.5 },
    ...{ seed: '5', unknown: { Sampler: 'res_multistep', Nodes: 'ControlNetApplyAdvanced, VAEEncode' } },
  })
})

test('what the page showed is read where nothing says what ran', () => {
  const workflow = {
    nodes: [
      {
        id: 3,
        type: 'KSampler',
        mode: 0,
        widgets_values: [9, 'randomize', 30, 7, 'euler_ancestral', 'normal', 0.6],
        inputs: [
          { name: 'model', link: 1 },
          { name: 'positive', link: 2 },
          { name: 'negative', link: 3 },
          { name: 'latent_image', link: 4 },
        ],
      },
      { id: 4, type: 'CheckpointLoaderSimple', mode: 0, widgets_values: ['dream.ckpt'] },
      { id: 5, type: 'EmptyLatentImage', mode: 0, widgets_values: [640, 512, 1] },
      { id: 6, type: 'CLIPTextEncode', mode: 0, widgets_values: ['a boat'], inputs: [{ name: 'clip', link: 5 }] },
      { id: 7, type: 'CLIPTextEncode', mode: 0, widgets_values: ['fog'], inputs: [{ name: 'clip', link: 5 }] },
      {
        id: 8,
        type: 'LoraLoaderModelOnly',
        mode: 4,
        widgets_values: ['off.safetensors', 1],
        inputs: [{ name: 'model', link: 6 }],
      },
    ],
    links: [
      [1, 8, 0, 3, 0, 'MODEL'],
      [2, 6, 0, 3, 1, 'CONDITIONING'],
      [3, 7, 0, 3, 2, 'CONDITIONING'],
      [4, 5, 0, 3, 3, 'LATENT'],
      [5, 4, 1, 6, 0, 'CLIP'],
      [6, 4, 0, 8, 0, 'MODEL'],
    ],
  }
  const recipe = readComfyUi('', JSON.stringify(workflow))
  expect(recipe).toMatchObject({
    parameters: {
      prompt: 'a boat',
      negative: 'fog',
      steps: 30,
      guidance: 7,
      width: 640,
      sampler: 'EulerAncestralDiscreteScheduler',
    },
    ...{ seed: '9', model: { name: 'dream' }, unknown: { 'Denoising strength': '0.6' } },
  })
  expect(recipe?.parameters).not.toHaveProperty('loras')
})

test('graphs in circles, with holes, and what is none at all are survived', () => {
  const circle = {
    1: node('KSampler', { model: ['2', 0], positive: ['3', 0], latent_image: ['1', 0], seed: -1, steps: 'x' }),
    2: node('LoraLoader', { model: ['2', 0], lora_name: 7 }),
    3: node('Reroute', { x: ['3', 0] }),
  }
  expect(read(circle)).toMatchObject({ parameters: { prompt: '', negative: '' }, seed: '' })
  for (const text of ['', 'null', '[]', '{}', '{"1":3}', '{"1":{"class_type":"SaveImage"}}', '['.repeat(1e5)])
    expect(readComfyUi(text, text)).toBeUndefined()
})
