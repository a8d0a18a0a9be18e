import { BookOpen, TriangleAlert } from 'lucide-react'
import { t } from '../language/language.ts'
import type { Download } from '../state/api.ts'

/** A licence by its name, with the way to read it. */
export function LicenceBox({ licence, words }: { licence: Download['licence']; words?: string }) {
  return (
    <div className="licence">
      {licence === undefined ? (
        <TriangleAlert size={16} strokeWidth={1.5} className="warn-text" aria-hidden="true" />
      ) : (
        <BookOpen size={16} strokeWidth={1.5} aria-hidden="true" />
      )}
      <span className="grow">
        <b>{licence?.name ?? t('No licence is told')}</b>
        <span className="block">{words ?? t('Whoever made it says nothing here about its use.')}</span>
      </span>
      {licence?.link !== undefined && (
        <a className="link" href={licence.link} target="_blank" rel="noreferrer">
          {t('Read')}
        </a>
      )}
    </div>
  )
}
