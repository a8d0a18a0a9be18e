import { Image as Picture } from 'lucide-react'
import { t } from '../language/language.ts'
import { openFile } from '../state/commands.ts'
import { useForm } from '../state/form-in-force.ts'
import type { Box } from './placing.ts'

/** What to do first, by what the model draws from. */
const WORDS: Readonly<Record<string, string>> = {
  checkpoint: 'Describe a picture below',
  unconditional: 'Press Generate: this model needs no words',
  classes: 'Choose a class below',
}

/** The frame before anything was made: what to do, and the other ways in. */
export function EmptyFrame({ frame }: { readonly frame: Box }) {
  const { model } = useForm()
  if (frame.width < 200 || frame.height < 110) return null
  return (
    <div className="empty-frame" style={frame} data-testid="empty-frame">
      <Picture size={18} strokeWidth={1.5} aria-hidden="true" />
      <h2>{t(WORDS[model?.kind ?? 'checkpoint'] ?? WORDS.checkpoint)}</h2>
      <p>
        {t('or drop a picture, paste, or')}{' '}
        <button type="button" className="link" onClick={openFile}>
          {t('open a file')}
        </button>
      </p>
    </div>
  )
}
