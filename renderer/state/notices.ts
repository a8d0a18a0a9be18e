import { useEffect } from 'react'
import { t } from '../language/language.ts'
import type { Job, OperationInfo } from './api.ts'
import { isCheck, isOver, isQuestion, jobWords, useEngine } from './engine.ts'
import { changeSettings } from './preferences.ts'
import { say } from './toasts.ts'

/** The system tells of a job that is done while nobody sees the window. */

type Jobs = Readonly<Record<string, Job>>

/** The jobs that ended between two states of the queue; not those that the person stopped, nor those that make nothing. */
export const justEnded = (before: Jobs, after: Jobs, operations: readonly OperationInfo[]): readonly Job[] =>
  Object.values(after).filter(job => {
    const earlier = before[job.id]
    const isMade = !isCheck(job) && !isQuestion(job, operations)
    return earlier !== undefined && !isOver(earlier) && (job.state === 'done' || job.state === 'failed') && isMade
  })

/** Whether the system would show a notification: the app may, a page in a browser only when the person allowed it. */
export const mayNotify = (): boolean =>
  window.sfumato?.notify !== undefined || globalThis.Notification?.permission === 'granted'

function notify(title: string, body: string): void {
  if (window.sfumato?.notify !== undefined) window.sfumato.notify(title, body)
  else new Notification(title, { body }).addEventListener('click', () => window.focus())
}

/** Switches notifications on or off; a browser asks the person first. */
export async function switchNotices(on: boolean): Promise<void> {
  if (on && !mayNotify()) {
    const answer = (await globalThis.Notification?.requestPermission()) ?? 'denied'
    if (answer !== 'granted')
      return say(t('The browser does not allow notifications here. Allow them in its own settings.'))
  }
  await changeSettings({ notifies: on })
}

/** Tells of jobs that end while the window is hidden. */
export function useNotices(): void {
  useEffect(
    () =>
      useEngine.subscribe(({ jobs, settings, operations }, before) => {
        if (jobs === before.jobs || settings?.notifies !== true || !document.hidden || !mayNotify()) return
        for (const job of justEnded(before.jobs, jobs, operations))
          notify(job.state === 'done' ? t('Done') : t('Not done'), jobWords(job, operations))
      }),
    [],
  )
}
