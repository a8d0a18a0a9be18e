import { z } from 'zod'
import { TEXT_TO_IMAGE } from '../../operations/text-to-image-id.ts'
import type { Recipe } from '../records.ts'
import { samplerNamed } from './sampler-names.ts'

const words = z.string().max(20_000).optional().catch(undefined)
const whole = (least: number, most: number) => z.int().min(least).max(most).optional().catch(undefined)
const name = z.string().max(300).optional().catch(undefined)

/** What InvokeAI writes into its pictures under `invokeai_metadata` (its app/invocations/metadata.py, `CoreMetadataInvocation`). */
const metadata = z.object({
  positive_prompt: words,
  negative_prompt: words,
  width: whole(8, 8192),
  height: whole(8, 8192),
  seed: whole(0, Number.MAX_SAFE_INTEGER),
  steps: whole(1, 1000),
  cfg_scale: z.number().min(0).max(100).optional().catch(undefined),
  cfg_rescale_multiplier: z.number().min(0).max(1).optional().catch(undefined),
  clip_skip: whole(0, 23),
  scheduler: name,
  app_version: name,
  model: z.object({ name, model_name: name, hash: name }).optional().catch(undefined),
})

/** Reads such a text. Settings that make no sense are left out: the model's own values then hold. Undefined if it is no such text. */
export function readInvokeAi(text: string): Recipe | undefined {
  const { data } = metadata.safeParse(parsed(text))
  if (data === undefined || (data.positive_prompt === undefined && data.seed === undefined)) return undefined
  const { sampler, karras, unknown } = samplerNamed(data.scheduler)
  const parameters = {
    prompt: data.positive_prompt ?? '',
    negative: data.negative_prompt ?? '',
    steps: data.steps,
    guidance: data.cfg_scale,
    rescale: data.cfg_rescale_multiplier,
    clipSkip: data.clip_skip,
    ...{ sampler, karras, width: data.width, height: data.height },
  }
  return {
    operation: TEXT_TO_IMAGE.id,
    operationVersion: TEXT_TO_IMAGE.version,
    parameters: Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined)),
    seed: data.seed === undefined ? '' : String(data.seed),
    model: { name: data.model?.name ?? data.model?.model_name ?? '', hash: data.model?.hash ?? '' },
    provider: '',
    ...(Object.keys(unknown).length > 0 && { unknown }),
    app: data.app_version === undefined ? 'InvokeAI' : `InvokeAI ${data.app_version}`,
    parents: [],
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
