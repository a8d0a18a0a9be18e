import { z } from 'zod'
import { TEXT_TO_IMAGE } from '../../operations/text-to-image-id.ts'
import type { Recipe } from '../records.ts'
import {
  type ComfyGraph,
  type ComfyNode,
  chainOf,
  inputOf,
  linked,
  readComfyPrompt,
  readComfyWorkflow,
} from './comfy-graph.ts'
import { samplerNamed } from './sampler-names.ts'

const text = z.string().max(20_000).optional().catch(undefined)
const whole = (least: number, most: number) => z.int().min(least).max(most).optional().catch(undefined)
const number = (least: number, most: number) => z.number().min(least).max(most).optional().catch(undefined)

/** Reads the graph that ComfyUI puts into its pictures (`prompt`, what ran; else `workflow`, what its page showed): plain graphs of one sampler,
 *  followed from it to its texts, model, LoRAs and size. What means nothing here is told by name. Undefined if there is no sampler. */
export function readComfyUi(prompt: string, workflow: string): Recipe | undefined {
  const graph = readComfyPrompt(prompt) ?? readComfyWorkflow(workflow)
  const sampler = graph && samplerOf(graph)
  if (graph === undefined || sampler === undefined) return undefined
  const parts = partsOf(graph, sampler)
  const get = (node: ComfyNode | undefined, input: string) => inputOf(graph, node, input)
  const levels = get(parts.sigmas, 'scheduler') ?? (parts.sigmas.className === 'KarrasScheduler' ? 'karras' : undefined)
  const named = samplerNamed(text.parse(get(parts.solver, 'sampler_name')), text.parse(levels))
  const positive = textOf(graph, parts.guider, 'positive', 'conditioning')
  const negative = textOf(graph, parts.guider, 'negative')
  const model = modelOf(graph, parts.model)
  const latent = chainOf(graph, sampler, 'latent_image', 'latent', 'samples').at(-1)
  const parameters = {
    prompt: positive.words,
    negative: negative.words,
    steps: whole(1, 1000).parse(get(parts.sigmas, 'steps')),
    guidance: positive.guidance ?? number(0, 100).parse(get(parts.guider, 'cfg')),
    clipSkip: positive.clipSkip,
    ...{ sampler: named.sampler, karras: named.karras },
    width: whole(8, 8192).parse(get(latent, 'width')),
    height: whole(8, 8192).parse(get(latent, 'height')),
    loras: model.loras.length > 0 ? model.loras : undefined,
  }
  const unknown = {
    ...named.unknown,
    ...partly(graph, sampler, parts.sigmas),
    ...others([...model.others, ...positive.others, ...negative.others], latent, graph),
  }
  return {
    operation: TEXT_TO_IMAGE.id,
    operationVersion: TEXT_TO_IMAGE.version,
    parameters: Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined)),
    seed: seedOf(get(parts.noise, 'noise_seed') ?? get(parts.noise, 'seed')),
    model: { name: model.name, hash: '' },
    provider: '',
    ...(Object.keys(unknown).length > 0 && { unknown }),
    app: 'ComfyUI',
    parents: [],
  }
}

const samplers: readonly string[] = ['KSampler', 'KSamplerAdvanced', 'SamplerCustom', 'SamplerCustomAdvanced']

/** The sampler that the saved picture comes from; of several behind each other (a second pass) the first, which made the picture. */
function samplerOf(graph: ComfyGraph): ComfyNode | undefined {
  const nodes = [...graph.values()]
  const saved = nodes.filter(({ className }) => /^(?:Save|Preview)Image/.test(className))
  const behind = saved.flatMap(node =>
    chainOf(graph, node, 'images', 'image', 'samples', 'latent_image', 'latent', 'pixels'),
  )
  const isSampler = ({ className }: ComfyNode) => samplers.includes(className)
  return behind.filter(isSampler).at(-1) ?? nodes.find(isSampler)
}

/** Where a sampler's settings stand: on itself, or on nodes of their own. */
function partsOf(graph: ComfyGraph, sampler: ComfyNode) {
  const part = (input: string) => linked(graph, sampler, input) ?? sampler
  const guider = part('guider')
  return {
    ...{ guider, noise: part('noise'), solver: part('sampler'), sigmas: part('sigmas') },
    model: guider.inputs.model === undefined ? sampler : guider,
  }
}

/** A seed is a whole number below 2^64; large ones come as text. */
function seedOf(value: unknown): string {
  const isWhole = (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) || typeof value === 'string'
  return isWhole && /^\d{1,20}$/.test(String(value)) && BigInt(String(value)) < 2n ** 64n
    ? String(BigInt(String(value)))
    : ''
}

const plainModels: readonly string[] = ['CheckpointLoaderSimple', 'CheckpointLoader', 'UNETLoader']
/** They set what our samplers take from the model itself. */
const silent: readonly string[] = [...plainModels, 'ModelSamplingFlux', 'ModelSamplingSD3', 'ConditioningZeroOut']

function modelOf(graph: ComfyGraph, from: ComfyNode) {
  const chain = chainOf(graph, from, 'model')
  const loras = chain.flatMap(node => {
    const file = text.parse(inputOf(graph, node, 'lora_name'))
    const strength = number(-10, 10).parse(inputOf(graph, node, 'strength_model'))
    return isLora(node) && file !== undefined ? [{ model: file, strength: strength ?? 1 }] : []
  })
  const loader = chain.at(-1)
  const file = text.parse(inputOf(graph, loader, 'ckpt_name') ?? inputOf(graph, loader, 'unet_name')) ?? ''
  const name =
    file
      .split(/[/\\]/)
      .at(-1)
      ?.replace(/\.(?:safetensors|sft|ckpt|pt|gguf)$/i, '') ?? ''
  // The nearest to the sampler was put on last.
  return {
    name,
    loras: loras.reverse(),
    others: chain.filter(node => !isLora(node) && !silent.includes(node.className)),
  }
}

const isLora = ({ className }: ComfyNode): boolean => className === 'LoraLoader' || className === 'LoraLoaderModelOnly'

/** Inputs of the nodes that texts are written in; where encoders read different texts, that of the largest. */
const wordInputs = ['text', 'text_g', 't5xxl', 'clip_g', 'clip_l']

function textOf(graph: ComfyGraph, from: ComfyNode, ...inputs: readonly string[]) {
  const own = inputs.map(input => linked(graph, from, input)).find(node => node !== undefined)
  const side =
    inputs[0] === 'negative'
      ? ['conditioning', 'negative', 'conditioning_1']
      : ['conditioning', 'positive', 'conditioning_1']
  const chain = own === undefined ? [] : [own, ...chainOf(graph, own, ...side)]
  const encoder = chain.find(node => wordInputs.some(input => input in node.inputs))
  const isZero = chain.some(({ className }) => className === 'ConditioningZeroOut')
  const written = wordInputs.map(input => text.parse(inputOf(graph, encoder, input))).find(words => words !== undefined)
  const strength = chain
    .map(node => number(0, 100).parse(inputOf(graph, node, 'guidance')))
    .find(each => each !== undefined)
  const layer = chainOf(graph, encoder, 'clip').find(({ className }) => className === 'CLIPSetLastLayer')
  const last = whole(-24, -1).parse(inputOf(graph, layer, 'stop_at_clip_layer'))
  return {
    words: isZero ? '' : (written ?? ''),
    guidance: strength,
    // -1 is the last layer, which skips nothing.
    clipSkip: last === undefined ? undefined : -1 - last,
    others: chain.filter(
      node => node !== encoder && node.className !== 'FluxGuidance' && !silent.includes(node.className),
    ),
  }
}

/** Settings of a sampler that does only a part of the steps. */
function partly(graph: ComfyGraph, sampler: ComfyNode, sigmas: ComfyNode): Record<string, string> {
  const said: Record<string, string> = {}
  const denoise = number(0, 1).parse(inputOf(graph, sigmas, 'denoise'))
  if (denoise !== undefined && denoise < 1) said['Denoising strength'] = String(denoise)
  const [start, end] = ['start_at_step', 'end_at_step'].map(name =>
    whole(0, 10_000).parse(inputOf(graph, sampler, name)),
  )
  if (start !== undefined && start > 0) said['Start at step'] = String(start)
  const steps = whole(1, 10_000).parse(inputOf(graph, sigmas, 'steps'))
  if (end !== undefined && steps !== undefined && end < steps) said['End at step'] = String(end)
  return said
}

/** Nodes on the way that mean nothing here, by class; and where the latents are no empty ones. */
function others(nodes: readonly ComfyNode[], latent: ComfyNode | undefined, graph: ComfyGraph): Record<string, string> {
  const classes = new Set(nodes.map(({ className }) => className.slice(0, 100)))
  const isEmpty = latent === undefined || /^Empty/.test(latent.className)
  if (!isEmpty) classes.add(latent.className.slice(0, 100))
  const networks = [...graph.values()].filter(({ className }) => className.startsWith('ControlNetApply'))
  for (const { className } of networks) classes.add(className.slice(0, 100))
  return classes.size === 0 ? {} : { Nodes: [...classes].join(', ') }
}
