_base_ = ['../../../_base_/stamps_vqa.py', '../../../_base_/methods/mapl.py']
