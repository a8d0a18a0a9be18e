import { expect, test } from 'vitest'
import { outsideAddress, progressInTitle } from './window-rules.ts'

test('links that leave the app: https, hosts that the app links to, nothing else', () => {
  expect(outsideAddress('https://huggingface.co/models')).toBe('https://huggingface.co/models')
  expect(outsideAddress(' https://huggingface.co\\@evil.example')).toBe('https://huggingface.co/@evil.example')
  const refused = [
    'http://huggingface.co/',
    'https://huggingface.co.evil.example/',
    'https://evil.example/huggingface.co',
    'https://huggingface.co@evil.example/',
    'https://name:word@huggingface.co/',
    'https://huggingface.co:8443/',
    'https://хuggingface.co/',
    'file:///etc/passwd',
    'file://server/share/x.exe',
    'smb://server/share',
    'javascript:alert(1)',
    'data:text/html,x',
    'ms-msdt:/id x',
    'ms-officecmd:x',
    'search-ms:query=x',
    'vbscript:x',
    'studio://app/',
    'mailto:a@b.c',
    'huggingface.co',
    '',
  ]
  expect(refused.filter(address => outsideAddress(address) !== undefined)).toEqual([])
})

test('the title tells how far the job is', () => {
  expect(progressInTitle('60 % · Sfumato')).toBe(0.6)
  expect(progressInTitle('0 % · Sfumato')).toBe(0)
  expect(progressInTitle('110 % · Sfumato')).toBe(1)
  for (const title of ['Sfumato', 'Sfumato 60 %', '% · Sfumato', '']) expect(progressInTitle(title)).toBe(-1)
})
