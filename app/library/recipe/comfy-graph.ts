import { isJsonObject, parsePythonJson } from '../../weights/json-file.ts'

/** A node of a graph of ComfyUI: its class, and its inputs by name: values, or links `[node, output]` to others. */
export interface ComfyNode {
  readonly id: string
  readonly className: string
  readonly inputs: Readonly<Record<string, unknown>>
}

/** By id. */
export type ComfyGraph = ReadonlyMap<string, ComfyNode>

/** Most nodes between a sampler and where a value comes from; graphs may also run in circles. */
const farthest = 200

/** Reads the graph that ComfyUI ran, as it writes it under `prompt` (its execution.py): `{"3": {"class_type": "KSampler", "inputs": {...}}}`.
 *  Whole numbers beyond 2^53 are strings. Undefined if it is none. */
export function readComfyPrompt(text: string): ComfyGraph | undefined {
  const value = parsed(text)
  if (!isJsonObject(value)) return undefined
  const nodes = Object.entries(value).flatMap(([id, node]): ComfyNode[] => {
    if (!isJsonObject(node) || typeof node.class_type !== 'string') return []
    return [{ id, className: node.class_type, inputs: isJsonObject(node.inputs) ? node.inputs : {} }]
  })
  return nodes.length === 0 ? undefined : new Map(nodes.map(node => [node.id, node]))
}

/** Names of the values that a node's widgets hold, in their order (nodes.py and comfy_extras/nodes_custom_sampler.py, nodes_flux.py, nodes_sd3.py).
 *  Behind every seed the page puts what becomes of it after a run. */
const widgets: Readonly<Record<string, readonly string[]>> = {
  KSampler: ['seed', 'after', 'steps', 'cfg', 'sampler_name', 'scheduler', 'denoise'],
  KSamplerAdvanced: [
    ...['add_noise', 'noise_seed', 'after', 'steps', 'cfg', 'sampler_name', 'scheduler'],
    ...['start_at_step', 'end_at_step', 'return_with_leftover_noise'],
  ],
  SamplerCustom: ['add_noise', 'noise_seed', 'after', 'cfg'],
  KSamplerSelect: ['sampler_name'],
  BasicScheduler: ['scheduler', 'steps', 'denoise'],
  KarrasScheduler: ['steps', 'sigma_max', 'sigma_min', 'rho'],
  RandomNoise: ['noise_seed', 'after'],
  CFGGuider: ['cfg'],
  CheckpointLoaderSimple: ['ckpt_name'],
  UNETLoader: ['unet_name', 'weight_dtype'],
  LoraLoader: ['lora_name', 'strength_model', 'strength_clip'],
  LoraLoaderModelOnly: ['lora_name', 'strength_model'],
  CLIPTextEncode: ['text'],
  CLIPTextEncodeFlux: ['clip_l', 't5xxl', 'guidance'],
  CLIPTextEncodeSD3: ['clip_l', 'clip_g', 't5xxl', 'empty_padding'],
  CLIPTextEncodeSDXL: ['width', 'height', 'crop_w', 'crop_h', 'target_width', 'target_height', 'text_g', 'text_l'],
  CLIPSetLastLayer: ['stop_at_clip_layer'],
  FluxGuidance: ['guidance'],
  EmptyLatentImage: ['width', 'height', 'batch_size'],
  EmptySD3LatentImage: ['width', 'height', 'batch_size'],
  PrimitiveNode: ['value', 'after'],
}

/** Reads the graph as ComfyUI's page keeps it under `workflow`: nodes with their widgets' values in order, links apart. Nodes that are
 *  switched off (mode 2) or passed by (4) are left out, and links lead past the latter. */
export function readComfyWorkflow(text: string): ComfyGraph | undefined {
  const value = parsed(text)
  if (!isJsonObject(value) || !Array.isArray(value.nodes) || !Array.isArray(value.links)) return undefined
  const origins = new Map<unknown, readonly [string, number]>()
  for (const link of value.links) if (Array.isArray(link)) origins.set(link[0], [String(link[1]), Number(link[2])])
  const nodes = value.nodes.filter(isJsonObject).flatMap((node): ComfyNode[] => {
    const { id, type, mode, inputs, widgets_values: values } = node
    if (typeof type !== 'string' || mode === 2) return []
    const slots = Array.isArray(inputs) ? inputs.filter(isJsonObject) : []
    const linked = slots.flatMap(({ name, link }) => {
      const origin = origins.get(link)
      return typeof name === 'string' && origin ? [[name, origin] as const] : []
    })
    const names = Object.hasOwn(widgets, type) ? widgets[type] : []
    const own = Array.isArray(values) ? names.map((name, k) => [name, values[k]] as const) : []
    const all = Object.fromEntries([...own, ...linked])
    return [{ id: String(id), className: mode === 4 ? 'Reroute' : type, inputs: all }]
  })
  return nodes.length === 0 ? undefined : new Map(nodes.map(node => [node.id, node]))
}

function parsed(text: string): unknown {
  try {
    return parsePythonJson(text, (_, value, { source }) => {
      const isLarge = typeof value === 'number' && !Number.isSafeInteger(value) && /^\d{16,20}$/.test(source ?? '')
      return isLarge ? source : value
    })
  } catch {
    return undefined
  }
}

/** The node that an input is linked to; nodes that only pass on are followed. */
export function linked(graph: ComfyGraph, node: ComfyNode | undefined, input: string): ComfyNode | undefined {
  let found = originOf(graph, node?.inputs[input])
  for (let k = 0; k < farthest && found?.className === 'Reroute'; k++) {
    const [through] = Object.values(found.inputs).filter(isLink)
    found = originOf(graph, through)
  }
  return found
}

const isLink = (value: unknown): value is [string, number] =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number'

const originOf = (graph: ComfyGraph, value: unknown): ComfyNode | undefined =>
  isLink(value) ? graph.get(value[0]) : undefined

/** A value of a node, also where it comes from a node that holds nothing else. */
export function inputOf(graph: ComfyGraph, node: ComfyNode | undefined, input: string): unknown {
  const value = node?.inputs[input]
  if (!isLink(value)) return value
  const { inputs = {} } = linked(graph, node, input) ?? {}
  const name = [input, 'value', 'seed', 'text', 'string', 'int', 'float', 'number'].find(each => each in inputs)
  return name === undefined || isLink(inputs[name]) ? undefined : inputs[name]
}

/** The nodes along one input, the nearest first: what a model or a text goes through. @param inputs names of the input, the first that is linked */
export function chainOf(graph: ComfyGraph, node: ComfyNode | undefined, ...inputs: readonly string[]): ComfyNode[] {
  const chain: ComfyNode[] = []
  const next = (from: ComfyNode | undefined) =>
    inputs.map(input => linked(graph, from, input)).find(found => found !== undefined)
  for (let at = next(node); at !== undefined && chain.length < farthest; at = next(at)) chain.push(at)
  return chain
}
