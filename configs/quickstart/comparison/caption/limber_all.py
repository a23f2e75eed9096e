_base_ = ['../../../_base_/stamps_caption.py', '../../../_base_/methods/limber_all.py']
