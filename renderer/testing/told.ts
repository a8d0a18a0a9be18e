import type { DownloadPlan, ModelInfo, OperationInfo } from '../../app/api/contract.ts'

/** An operation, models and samplers as an engine tells them, for unit tests and the stand-in. */

const parameter = (title: string, group: string, widget: string, rest: object = {}) => ({
  title,
  group,
  widget,
  ...rest,
})

export const SAMPLERS = [
  {
    className: 'DDIMScheduler',
    title: 'DDIM',
    goodFor: 'exact, can be inverted',
    serves: 'diffusion' as const,
    choosesNoiseLevels: false,
  },
  {
    className: 'EulerDiscreteScheduler',
    title: 'Euler',
    goodFor: 'plain and quick',
    serves: 'diffusion' as const,
    choosesNoiseLevels: true,
  },
  {
    className: 'EulerAncestralDiscreteScheduler',
    title: 'Euler a',
    goodFor: 'new at every step count',
    serves: 'diffusion' as const,
    choosesNoiseLevels: false,
  },
  {
    className: 'DPMSolverMultistepScheduler',
    title: 'DPM++ 2M',
    goodFor: 'good from 15 steps',
    serves: 'diffusion' as const,
    choosesNoiseLevels: true,
  },
]

export const OPERATION: OperationInfo = {
  id: 'text-to-image',
  draws: 'checkpoint',
  version: 1,
  title: 'Create',
  description: 'Draws a picture from words.',
  parameters: {
    type: 'object',
    properties: {
      prompt: parameter('Prompt', 'words', 'prompt', { type: 'string', maxLength: 20_000 }),
      negative: parameter('Negative prompt', 'words', 'text', {
        type: 'string',
        default: '',
        description: 'What the picture shall not show.',
      }),
      sampler: parameter('Sampler', 'sampling', 'sampler', {
        type: 'string',
        enum: SAMPLERS.map(sampler => sampler.className),
        fromModel: true,
      }),
      steps: parameter('Steps', 'sampling', 'slider', {
        type: 'integer',
        minimum: 1,
        maximum: 1000,
        softMaximum: 100,
        fromModel: true,
      }),
      guidance: parameter('Guidance', 'sampling', 'slider', {
        type: 'number',
        minimum: 0,
        maximum: 100,
        softMaximum: 20,
        step: 0.1,
      }),
      width: parameter('Width', 'picture', 'size', {
        type: 'integer',
        minimum: 8,
        maximum: 8192,
        softMaximum: 2048,
        unit: 'px',
      }),
      height: parameter('Height', 'picture', 'size', {
        type: 'integer',
        minimum: 8,
        maximum: 8192,
        softMaximum: 2048,
        unit: 'px',
      }),
      seed: parameter('Seed', 'picture', 'seed', {
        anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^\\d+$' }],
      }),
      count: parameter('Pictures', 'picture', 'count', {
        type: 'integer',
        minimum: 1,
        maximum: 64,
        default: 1,
        softMaximum: 9,
      }),
      karras: parameter('Karras noise levels', 'advanced', 'switch', { type: 'boolean', default: false }),
      rescale: parameter('Guidance rescale', 'advanced', 'slider', {
        type: 'number',
        minimum: 0,
        maximum: 1,
        default: 0,
        step: 0.01,
      }),
      loras: parameter('LoRAs', 'concepts', 'files', { type: 'array', default: [], takes: 'lora' }),
      embeddings: parameter('Embeddings', 'concepts', 'files', { type: 'array', default: [], takes: 'embedding' }),
      vae: parameter('VAE', 'concepts', 'files', { type: 'string', default: '', takes: 'vae' }),
      longPrompts: parameter('Long prompts', 'advanced', 'choice', {
        type: 'string',
        enum: ['chunks', 'cut'],
        default: 'chunks',
      }),
    },
  },
}

export const MODEL: ModelInfo = {
  id: 'sticker-world',
  name: 'Sticker World',
  kind: 'checkpoint',
  path: 'native-models/sticker-world',
  embedded: true,
  bytes: 46_000_000,
  precision: 'fp16',
  defaults: { width: 128, height: 128, steps: 20, guidance: 5, sampler: 'DDIMScheduler' },
  sizeMultiple: 8,
  beside: 'nothing',
  samplers: 'diffusion',
  promptTokens: 32,
  examples: [
    'a red apple, 3d style, on a blue background',
    'a sunflower, flat style, on a brown background',
    'a shiny orange torus, render style',
    'a wizard character in an orange outfit, with arms up',
  ],
}

/** A model that is put beside a checkpoint. */
export const addition = (kind: ModelInfo['kind'], path: string, rest: Partial<ModelInfo> = {}): ModelInfo => ({
  ...MODEL,
  id: `file-${path}`,
  name: (path.split('/').at(-1) ?? path).replace(/\.[^.]+$/, ''),
  kind,
  path,
  embedded: false,
  bytes: 9_000_000,
  triggerWords: [],
  ...rest,
})

export const PLAN: DownloadPlan = {
  id: '0123456789abcdef',
  name: 'owner/harbour',
  host: 'hub.example',
  licence: { name: 'openrail', link: 'https://hub.example/owner/harbour' },
  files: [{ path: 'model.safetensors', url: 'https://hub.example/x', size: 2_100_000_000 }],
  bytes: 2_100_000_000,
  free: 50_000_000_000,
  model: 'owner--harbour',
  target: '/models/owner--harbour',
  isFile: false,
}
