import { useEffect, useState } from 'react'
import { t } from '../language/language.ts'
import type { Job, ModelInfo, PrecisionLoss, PrecisionOffer } from './api.ts'
import { engine, isCheck, useEngine } from './engine.ts'
import { draws } from './models.ts'
import { sayFailure } from './toasts.ts'

/** A precision that loses something. */
export type FewBits = '8 bit' | '4 bit'

export const hasFewBits = (precision: string): precision is FewBits => precision === '8 bit' || precision === '4 bit'

/** "41.2 dB; 45 and more nobody sees" */
export const lossWords = ({ decibels }: Pick<PrecisionLoss, 'decibels'>): string =>
  decibels === null ? t('the same picture') : t('{loss} dB; 45 and more nobody sees', { loss: decibels.toFixed(1) })

/** What is read of a model only when it is looked at. */
export interface Details {
  readonly hash: string
  readonly licence?: string
  readonly losses: readonly PrecisionLoss[]
}

/** Details of a model that draws; read again whenever a measurement has ended. The hash of a large model takes seconds to compute: it comes when it
 *  is there. */
export function useDetails(model: Pick<ModelInfo, 'id' | 'kind' | 'problem'> | undefined): Details | undefined {
  const [details, setDetails] = useState<{ of: string; found: Details }>()
  const measured = useEngine(
    ({ jobs }) => Object.values(jobs).filter(job => isCheck(job) && job.state === 'done').length,
  )
  const id = model !== undefined && model.problem === undefined && draws(model) ? model.id : undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: `measured` makes it ask again
  useEffect(() => {
    if (id === undefined) return
    let current = true
    engine()
      .then(api => api.models.details({ id }))
      .then(
        found => current && setDetails({ of: id, found }),
        () => {},
      )
    return () => {
      current = false
    }
  }, [id, measured])
  return details?.of === id ? details?.found : undefined
}

/** Which precisions are worth choosing here; nothing while that is measured. */
export function useOffers(): readonly PrecisionOffer[] {
  const [offers, setOffers] = useState<readonly PrecisionOffer[]>([])
  useEffect(() => {
    let current = true
    engine()
      .then(api => api.system.precisions())
      .then(found => current && setOffers(found), sayFailure)
    return () => {
      current = false
    }
  }, [])
  return offers
}

/** The measurement of a model's loss that waits or runs. */
export const checkOf = (jobs: Readonly<Record<string, Job>>, model: string, precision: string): Job | undefined =>
  Object.values(jobs).find(
    job =>
      isCheck(job) &&
      job.model === model &&
      job.parameters.precision === precision &&
      (job.state === 'waiting' || job.state === 'running'),
  )

/** Measures what a model loses, after all that waits. */
export async function measureLoss(model: string, precision: FewBits): Promise<void> {
  try {
    await (await engine()).models.checkPrecision({ id: model, precision })
  } catch (error) {
    sayFailure(error)
  }
}
